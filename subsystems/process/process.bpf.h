/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The process room's halves of its hooks. */
#pragma once

#include "container.bpf.h"
#include "emit.bpf.h"
#include "filter.bpf.h"
#include "hooks/cgroup.h"
#include "hooks/cgroup_mkdir.h"
#include "hooks/cgroup_rmdir.h"
#include "hooks/exec_before.h"
#include "hooks/exec_check.h"
#include "hooks/exec_return.h"
#include "hooks/sched_process_exec.h"
#include "hooks/sched_process_exit.h"
#include "hooks/sched_process_fork.h"
#include "hooks/task.h"
#include "hooks/task_sleepable.h"
#include "lineage.bpf.h"
#include "path.bpf.h"
#include "process/credentials.bpf.h"
#include "process/process.h"

#define PAGE_BYTES 4096ULL /* arch/x86 */
#define S_ISUID 0004000
#define S_ISGID 0002000
#define OVERLAYFS_SUPER_MAGIC 0x794c7630 /* linux/magic.h */
#define EBUSY 16			 /* asm-generic/errno-base.h */
#define SIGNAL_GROUP_EXIT 0x00000004	 /* linux/sched/signal.h */
#define EXIT_THREADS 4096 /* of a process that ends, those that are not released yet */
#define EXIT_TRIES 4
#define LIST_MAX 256 /* arguments of a failed exec that are looked at, and variables */
#define SCRIPTS 64   /* execs of scripts that can be under way at a time */

/*
 * The path of a script, between the moment when the kernel looks at the script and the moment when it
 * has loaded its interpreter: by then it has let go of the script. Keyed by the calling thread.
 */
struct pending_script {
	__u64 inode;
	__u32 dev;
	__u32 pad;
	struct ev_path path;
	__u8 bytes[EV_PATH_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SCRIPTS);
	__type(key, __u32);
	__type(value, struct pending_script);
} scripts SEC(".maps");

/* Set on a thread whose failed exec was reported by an inner function, until the system call returns. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} exec_reported SEC(".maps");

/* Records that are short enough for the stack, with room for the only string that they may have. */
struct process_fork {
	struct ev_process_fork record;
	__u8 container_id[EV_CONTAINER_ID_MAX];
};

struct process_exit {
	struct ev_process_exit record;
	__u8 container_id[EV_CONTAINER_ID_MAX];
};

/* Whether to send a record, and in `flags` for whom. */
static __always_inline bool process_needed(const struct gancho_filter *filter, enum ev_type type,
					   __u32 pid, const struct lineage *lineage, __u8 *flags)
{
	if (lineage_wanted(filter, type, pid, lineage))
		return true;
	*flags = EV_FOR_TABLE;
	return filter_table_has(filter, type);
}

/* ---- fork: lineage passes from parent to child ---- */

static __always_inline void process__sched_process_fork(struct hook_sched_process_fork *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *trusted = hook->parent->group_leader; /* as task storage takes it */
	struct task_struct *parent = plain(trusted), *child = plain(hook->child);
	struct process_fork fork = {};
	struct ev_process_fork *record = &fork.record;
	struct lineage *from, *to = NULL;
	__u32 size = sizeof(*record);
	__u8 flags = 0;

	if (child->pid != child->tgid) /* a thread */
		return;
	from = lineage_of(trusted, filter);
	if (from)
		to = lineage_inherit(hook->child, from);
	if (!to)
		lineage_lost();
	else if (filter->children && (__u32)parent->tgid == filter->pid)
		to->watched = filter->pid;

	if (!process_needed(filter, EV_PROCESS_FORK, child->tgid, to, &flags))
		return;
	header_fill(&record->header, EV_PROCESS_FORK, EV_CLASS_VITAL, child);
	record->header.flags = flags;
	/* The child's own; its group_leader is not to be relied on before it runs. */
	record->header.start_time = child->start_boottime;
	record->parent_start_time = parent->start_boottime;
	record->ppid = parent->tgid;
	record->parent_exec_count = parent->self_exec_id;
	if (!(flags & EV_FOR_TABLE))
		size += container_fill_last(&record->container, fork.container_id, sizeof(*record),
					    child);
	emit_bytes(&record->header, size);
}

/* ---- exec ---- */

/* What the file says about itself. */
static __always_inline void exec_fill_file(struct ev_process_exec *record, struct file *file)
{
	struct inode *inode = file->f_inode;
	struct dentry *dentry = file->f_path.dentry;
	struct super_block *sb = inode->i_sb;

	record->inode = inode->i_ino;
	record->generation = inode->i_generation;
	record->dev = sb->s_dev;
	record->mode = inode->i_mode;
	if (record->mode & S_ISUID)
		record->flags |= EV_EXEC_SUID;
	if (record->mode & S_ISGID)
		record->flags |= EV_EXEC_SGID;
	if (sb->s_magic == OVERLAYFS_SUPER_MAGIC) {
		/*
		 * struct ovl_inode belongs to a module that may not be loaded yet; its __upperdentry follows
		 * its vfs_inode since 4.13 (kernel commit 09d8b586731b).
		 */
		void *upper = NULL;

		bpf_probe_read_kernel(&upper, sizeof(upper),
				      (void *)inode + bpf_core_type_size(struct inode));
		if (upper)
			record->flags |= EV_EXEC_UPPER;
	}
	if (dentry->d_parent ==
	    dentry) { /* a file without a directory; memfd_create(2) names it so */
		char name[8] = {};

		bpf_probe_read_kernel(name, 6, dentry->d_name.name);
		if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' &&
		    name[4] == 'd' && name[5] == ':')
			record->flags |= EV_EXEC_MEMFD;
	}
	record->header.present |= EV_EXEC_HAS_FILE;
}

/*
 * What is the same for an exec that succeeded and for one that did not. Calls, not inline, so that
 * their temporaries do not add up to more than the 512 bytes of a BPF stack.
 */
static __noinline void exec_fill_task(struct record_slot *slot, struct ev_process_exec *record,
				      struct task_struct *task)
{
	struct task_struct *parent = task->real_parent->group_leader;

	record->ppid = parent->tgid;
	record->parent_start_time = parent->start_boottime;
	record->sid = session_of(task);
	record->loginuid = task->loginuid.val;
	namespaces_fill(&record->ns, &record->vpid, task);
	cgroup_fill(slot, &record->cgroup_id, &record->cgroup, task);
	container_fill(slot, &record->container, task);
	if (terminal_fill(slot, &record->tty, &record->tty_name, task))
		record->header.present |= EV_EXEC_HAS_TTY;
	path_append(slot, &record->cwd, &task->fs->pwd, task);
}

static __noinline void exec_fill_bprm(struct record_slot *slot, struct ev_process_exec *record,
				      struct linux_binprm *bprm, struct task_struct *task,
				      __u32 tid)
{
	struct pending_script *script;
	struct ev_string bytes = {};

	record->argc = bprm->argc;
	record->envc = bprm->envc;
	exec_fill_file(record, bprm->file);
	path_append(slot, &record->exepath, &bprm->file->f_path, task);
	if (bprm->interp == bprm->filename)
		return;
	tail_kernel_string(slot, &record->interp, bprm->interp);
	script = bpf_map_lookup_elem(&scripts, &tid);
	if (!script)
		return;
	record->header.present |= EV_EXEC_HAS_SCRIPT;
	record->script_inode = script->inode;
	record->script_dev = script->dev;
	if (script->path.offset &&
	    tail_kernel_bytes(slot, &bytes, script->bytes, script->path.length)) {
		record->script = script->path;
		record->script.offset = bytes.offset;
	}
	bpf_map_delete_elem(&scripts, &tid);
}

/* From the new program's memory, which has not run yet: nobody can have changed it. Was there more? */
static __always_inline bool exec_append_memory(struct record_slot *slot, struct ev_string *string,
					       __u64 start, __u64 end)
{
	__u32 at = tail_next(slot);
	__u64 length = end - start;
	bool more = length > settings.args_max;

	if (!at)
		return false;
	if (more)
		length = settings.args_max;
	if (length > EV_PATH_MAX)
		length = EV_PATH_MAX;
	if (!bpf_probe_read_user(&slot->record[at & (TAIL_LIMIT - 1)], length, (void *)start))
		tail_took(slot, string, at, length);
	return more;
}

static __always_inline void exec_append_args(struct record_slot *slot,
					     struct ev_process_exec *record,
					     struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	if (mm && exec_append_memory(slot, &record->args, mm->arg_start, mm->arg_end))
		record->flags |= EV_EXEC_ARGS_TRUNCATED;
}

/* Last of all: what is long, and asked for by few, takes no room from the rest. */
static __always_inline void exec_append_environment(struct record_slot *slot,
						    struct ev_process_exec *record,
						    struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	if (!environment_asked_for())
		return;
	if (mm && exec_append_memory(slot, &record->env, mm->env_start, mm->env_end))
		record->flags |= EV_EXEC_ENV_TRUNCATED;
	if (record->env.offset)
		record->header.present |= EV_EXEC_HAS_ENV;
}

static __always_inline struct ev_process_exec *exec_record(struct record_slot *slot,
							   enum ev_class class_id,
							   struct task_struct *task)
{
	struct ev_process_exec *record = (struct ev_process_exec *)slot->record;

	__builtin_memset(record, 0, sizeof(*record));
	header_fill(&record->header, EV_PROCESS_EXEC, class_id, task);
	return record;
}

/* What only the old program can tell, kept until the new one is in place. */
static __always_inline void exec_keep_caller(struct task_struct *trusted, struct task_struct *task)
{
	const struct gancho_filter *filter = filter_now();
	struct lineage *lineage = lineage_of(trusted->group_leader, filter);

	/* The exec makes this thread the leader, and the old leader's storage goes with the old leader. */
	if (lineage && task->pid != task->tgid)
		lineage = lineage_inherit(trusted, lineage);
	if (!lineage) {
		lineage_lost();
		return;
	}
	credentials_fill(&lineage->before, task->cred);
	lineage->has_before = 1;
	lineage->compat = !!(task->thread_info.status & TS_COMPAT);
}

static __always_inline void process__exec_before(struct hook_exec_before *hook)
{
	exec_keep_caller(hook->trusted, hook->task);
}

static __always_inline void process__exec_check(struct hook_exec_check *hook)
{
	struct linux_binprm *bprm = hook->bprm;
	struct task_struct *task = hook->task;
	struct pending_script *script;
	struct record_slot *slot;
	__u32 tid = task->pid;

	/* Only the first level is the script; the next is the interpreter that it names. */
	if (bprm->interp != bprm->filename)
		return;
	/* Credentials cannot change any more (cred_guard_mutex is held), should the exec succeed. */
	if (!bpf_core_type_exists(btf_trace_sched_prepare_exec))
		exec_keep_caller(hook->trusted, task);
	if (bprm->buf[0] != '#' || bprm->buf[1] != '!') {
		/* What an exec of this thread left that did not come to loading an interpreter. */
		bpf_map_delete_elem(&scripts, &tid);
		return;
	}
	/* Built where a record would be: the walker appends the path just behind the fixed part. */
	slot = slot_claim(offsetof(struct pending_script, bytes));
	if (!slot)
		return;
	script = (struct pending_script *)slot->record;
	script->inode = bprm->file->f_inode->i_ino;
	script->dev = bprm->file->f_inode->i_sb->s_dev;
	script->pad = 0;
	path_append(slot, &script->path, &bprm->file->f_path, task);
	bpf_map_update_elem(&scripts, &tid, script, BPF_ANY);
	slot_release(slot);
}

static __always_inline void process__sched_process_exec(struct hook_sched_process_exec *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *task = hook->task;
	struct ev_process_exec *record;
	struct lineage *lineage;
	struct record_slot *slot;
	__u8 flags = 0;

	/* If nobody made it before the exec: this image has not led to itself. */
	lineage = lineage_from(hook->trusted, task->real_parent->group_leader, filter);
	if (!lineage)
		lineage_lost();
	if (!process_needed(filter, EV_PROCESS_EXEC, task->tgid, lineage, &flags)) {
		account_filtered(EV_CLASS_VITAL);
		goto extend;
	}
	slot = slot_claim(sizeof(*record));
	if (!slot) {
		account_no_slot(EV_CLASS_VITAL);
		goto extend;
	}
	record = exec_record(slot, EV_CLASS_VITAL, task);
	record->header.flags = flags;
	record->tid_before = hook->old_tid;
	if (hook->old_tid != (pid_t)task->pid)
		record->flags |= EV_EXEC_THREAD;
	if (lineage) {
		if (!lineage_append(slot, &record->lineage, lineage))
			record->flags |= EV_EXEC_LINEAGE_TRUNCATED;
		if (lineage->compat)
			record->flags |= EV_EXEC_COMPAT;
		if (lineage->has_before) {
			record->before = lineage->before;
			record->header.present |= EV_EXEC_HAS_BEFORE;
		}
	}
	credentials_fill(&record->after, task->cred);
	record->header.present |= EV_EXEC_HAS_AFTER;
	if (BPF_CORE_READ_BITFIELD(hook->bprm, secureexec))
		record->flags |= EV_EXEC_SECURE;
	tail_kernel_string(slot, &record->filename, hook->bprm->filename);
	exec_append_args(slot, record, task);
	exec_fill_bprm(slot, record, hook->bprm, task, hook->old_tid);
	exec_fill_task(slot, record, task);
	if (slot->tail >= TAIL_LIMIT)
		record->flags |= EV_EXEC_TAIL_FULL;
	exec_append_environment(slot, record, task);
	slot_emit(slot);
	slot_release(slot);
extend:
	if (lineage) {
		lineage->has_before = 0;
		lineage_extend(lineage, task);
	}
}

/* ---- exec that failed ---- */

/*
 * Path, arguments and environment as the caller's memory has them. Another thread may have changed them since the
 * kernel read them; there is no other place where they are.
 */
struct exec_call {
	__u64 filename;
	__u64 argv;
	__u64 envp;
	__u32 compat;
	__u32 pad;
};

/* false: the kernel executes by itself, and nobody gave it anything. */
static __always_inline bool exec_call_read(struct exec_call *call, struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__u64 number = regs->orig_ax;
	bool at;

	call->compat = !!(task->thread_info.status & TS_COMPAT);
	if (call->compat) {	    /* ebx, ecx, edx, esi */
		at = number == 358; /* execveat; 11 is execve */
		call->filename = (__u32)(at ? regs->cx : regs->bx);
		call->argv = (__u32)(at ? regs->dx : regs->cx);
		call->envp = (__u32)(at ? regs->si : regs->dx);
	} else {		    /* rdi, rsi, rdx, r10 */
		at = number == 322; /* execveat; 59 is execve */
		call->filename = at ? regs->si : regs->di;
		call->argv = at ? regs->dx : regs->si;
		call->envp = at ? regs->r10 : regs->dx;
	}
	return at || number == (call->compat ? 11 : 59);
}

/* An array of pointers to strings that ends with NULL: argv, envp. */
struct caller_list {
	struct record_slot *slot;
	__u64 pointers;
	__u64 limit; /* of the tail: where no further string begins */
	__u32 pointer_bytes;
	__u32 count;
	__u32 ended;   /* NULL was met */
	__u32 skipped; /* a string found no room, or could not be read */
	__u32 pad;
};

static long caller_list_step(__u64 index, struct caller_list *list)
{
	struct record_slot *slot = list->slot;
	__u64 string = 0;
	__u32 at;
	long n;

	if (list->pointer_bytes == 4)
		n = bpf_probe_read_user(&string, 4, (void *)(list->pointers + 4 * index));
	else
		n = bpf_probe_read_user(&string, 8, (void *)(list->pointers + 8 * index));
	if (n || !string) {
		list->ended = !n;
		return 1;
	}
	list->count++;
	at = tail_next(slot);
	if (!at || slot->tail >= list->limit || list->count > LIST_MAX) {
		list->skipped = 1;
		return 0;
	}
	/* One more than is kept, to know that there is more. */
	n = bpf_probe_read_user_str(&slot->record[at & (TAIL_LIMIT - 1)], EV_PATH_MAX + 1,
				    (void *)string);
	if (n < 0) {
		list->skipped = 1;
		return 0;
	}
	if (!n) { /* an empty string: the helper does not count its NUL */
		slot->record[at & (TAIL_LIMIT - 1)] = 0;
		n = 1;
	}
	slot->tail = at + n;
	return 0;
}

#define LIST_CUT (1u << 16) /* beside the number: not all of them are there */

/* Returns the number of strings found; what was read lies between the old tail and the new. */
__noinline int exec_list_from_caller(struct record_slot *slot, __u64 pointers, __u32 compat)
{
	struct caller_list list = {
		.slot = slot, .pointers = pointers, .pointer_bytes = compat ? 4 : 8};

	if (!slot || !pointers) /* NULL is an empty list */
		return 0;
	list.limit = slot->tail + settings.args_max;
	loop(LIST_MAX + 1, caller_list_step, &list); /* one more, to know that there are more */
	return list.count | (list.skipped || !list.ended ? LIST_CUT : 0);
}

/* The number of strings, and LIST_CUT. Where none could be read, `string` is absent. */
static __always_inline __u32 exec_append_list(struct record_slot *slot, struct ev_string *string,
					      __u64 pointers, __u32 compat)
{
	__u64 begin = slot->tail, length;
	__u32 found = exec_list_from_caller(slot, pointers, compat);

	length = slot->tail - begin;
	if (length > settings.args_max) {
		length = settings.args_max;
		found |= LIST_CUT;
	}
	if (length || !(found & LIST_CUT)) {
		string->offset = begin;
		string->length = length;
	}
	return found;
}

static __always_inline void process__exec_return(struct hook_exec_return *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *task = hook->task;
	struct ev_process_exec *record;
	struct exec_call call = {};
	struct lineage *lineage;
	struct record_slot *slot;
	__u32 *reported, tid = task->pid, found;
	bool by_caller;

	if (hook->outermost) {
		reported = bpf_task_storage_get(&exec_reported, hook->trusted, NULL, 0);
		if (reported && *reported) {
			*reported = 0;
			return;
		}
	} else if (!(task->flags &
		     PF_KTHREAD)) { /* the kernel's own execs come from no system call */
		reported = bpf_task_storage_get(&exec_reported, hook->trusted, NULL,
						BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (reported)
			*reported = 1;
	}
	lineage = lineage_of(hook->trusted->group_leader, filter);
	if (!lineage)
		lineage_lost();
	if (!lineage_wanted(filter, EV_PROCESS_EXEC, task->tgid, lineage)) {
		account_filtered(EV_CLASS_BULK);
		return;
	}
	slot = slot_claim(sizeof(*record));
	if (!slot) {
		account_no_slot(EV_CLASS_BULK);
		return;
	}
	record = exec_record(slot, EV_CLASS_BULK, task);
	record->error = hook->error;
	record->tid_before = task->pid;
	if (task->pid != task->tgid)
		record->flags |= EV_EXEC_THREAD;
	if (lineage && !lineage_append(slot, &record->lineage, lineage))
		record->flags |= EV_EXEC_LINEAGE_TRUNCATED;
	credentials_fill(&record->before, task->cred);
	record->header.present |= EV_EXEC_HAS_BEFORE;
	by_caller = exec_call_read(&call, task);
	if (call.compat)
		record->flags |= EV_EXEC_COMPAT;
	if (hook->filename) {
		tail_kernel_string(slot, &record->filename, hook->filename);
	} else {
		tail_user_string(slot, &record->filename, (void *)call.filename);
		record->flags |= EV_EXEC_USER_MEMORY;
	}
	if (by_caller) {
		found = exec_append_list(slot, &record->args, call.argv, call.compat);
		record->argc = found & ~LIST_CUT;
		if (found & LIST_CUT)
			record->flags |= EV_EXEC_ARGS_TRUNCATED;
	}
	if (hook->bprm && hook->bprm->file)
		exec_fill_bprm(slot, record, hook->bprm, task, tid);
	exec_fill_task(slot, record, task);
	if (slot->tail >= TAIL_LIMIT) {
		record->flags |= EV_EXEC_TAIL_FULL;
	} else if (by_caller && environment_asked_for()) { /* last, as above */
		if (exec_append_list(slot, &record->env, call.envp, call.compat) & LIST_CUT)
			record->flags |= EV_EXEC_ENV_TRUNCATED;
		if (record->env.offset)
			record->header.present |= EV_EXEC_HAS_ENV;
	}
	slot_emit(slot);
	slot_release(slot);
}

/* ---- exit ---- */

/*
 * part of whole, scaled to total: total * part / whole without a product of more than 64 bits. What does not
 * fit is cut off both, which leaves 16 bits at least.
 */
static __always_inline __u64 share(__u64 total, __u64 part, __u64 whole)
{
	__u32 shift = !(whole >> 32) ? 0 : !(whole >> 48) ? 16 : 32;

	part >>= shift;
	whole >>= shift;
	return whole ? total / whole * part + total % whole * part / whole : 0;
}

/* What the threads of a process have used; those that are released are in its signal_struct. */
struct exit_threads {
	__u64 signal; /* plain numbers: of its struct, */
	__u64 caller; /* of the thread that asks, */
	__u64 next;   /* of the next thread's list_head */
	__u64 runtime;
	__u64 user;
	__u64 system;
	__u32 others_run; /* another thread has not given up its memory yet: it will come by too */
	__u32 sequence;
};

static long exit_thread_step(__u64 index, struct exit_threads *sum)
{
	struct signal_struct *signal = (struct signal_struct *)sum->signal;
	struct list_head *node = (struct list_head *)sum->next;
	struct task_struct *thread;

	if (node == __builtin_preserve_access_index(&signal->thread_head))
		return 1;
	thread = (void *)node - bpf_core_field_offset(struct task_struct, thread_node);
	sum->runtime += BPF_CORE_READ(thread, se.sum_exec_runtime);
	sum->user += BPF_CORE_READ(thread, utime);
	sum->system += BPF_CORE_READ(thread, stime);
	if ((__u64)thread != sum->caller && BPF_CORE_READ(thread, mm))
		sum->others_run = 1;
	sum->next = (__u64)BPF_CORE_READ(node, next);
	return 0;
}

/* A thread that is released meanwhile moves from the list to the sums of its process: then once more. */
static long exit_threads_try(__u64 index, struct exit_threads *sum)
{
	struct signal_struct *signal = (struct signal_struct *)sum->signal;

	sum->sequence = BPF_CORE_READ(signal, stats_lock.seqcount.seqcount.sequence);
	sum->next = (__u64)BPF_CORE_READ(signal, thread_head.next);
	sum->runtime = BPF_CORE_READ(signal, sum_sched_runtime);
	sum->user = BPF_CORE_READ(signal, utime);
	sum->system = BPF_CORE_READ(signal, stime);
	sum->others_run = 0;
	loop(EXIT_THREADS, exit_thread_step, sum);
	return !(sum->sequence & 1) &&
	       sum->sequence == BPF_CORE_READ(signal, stats_lock.seqcount.seqcount.sequence);
}

static __noinline int exit_threads_read(struct exit_threads *sum)
{
	loop(EXIT_TRIES, exit_threads_try, sum);
	return 0;
}

/*
 * Fills what all threads have used. Of several that end at a time, each may see that none is alive: false says
 * that another one reports the end. Those that have not given up their memory will be here later.
 */
static __always_inline bool exit_is_reported_here(struct exit_threads *sum,
						  struct hook_sched_process_exit *hook,
						  const struct gancho_filter *filter)
{
	struct task_struct *task = hook->task;
	struct signal_struct *signal = task->signal;
	struct lineage *lineage;

	sum->user = task->utime + signal->utime;
	sum->system = task->stime + signal->stime;
	sum->runtime = task->se.sum_exec_runtime + signal->sum_sched_runtime;
	if (signal->nr_threads == 1 && !signal->sum_sched_runtime) /* it never had another */
		return true;
	sum->signal = (__u64)signal;
	sum->caller = (__u64)task;
	exit_threads_read(sum);
	if (hook->only)
		return true;
	if (sum->others_run)
		return false;
	lineage = lineage_of(hook->trusted->group_leader, filter);
	return !lineage || !__sync_lock_test_and_set(&lineage->ended, 1);
}

/*
 * As getrusage(2) has it (cputime_adjust() of kernel/sched/cputime.c): the scheduler's exact time, in the
 * proportion of user and system time that the ticks have found, but neither less than it was told before.
 */
static __always_inline void exit_fill_cost(struct ev_process_exit *record,
					   const struct exit_threads *sum, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	__u64 told_user = signal->prev_cputime.utime, told_system = signal->prev_cputime.stime;
	__u64 total = sum->runtime, system = 0;

	record->peak_rss = signal->maxrss * PAGE_BYTES;
	if (told_user + told_system >= total) {
		record->user_time = told_user;
		record->system_time = told_system;
		return;
	}
	if (sum->system)
		system = sum->user ? share(total, sum->system, sum->user + sum->system) : total;
	if (system < told_system)
		system = told_system;
	if (total - system < told_user)
		system = total - told_user;
	record->user_time = total - system;
	record->system_time = system;
}

static __always_inline void process__sched_process_exit(struct hook_sched_process_exit *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *task = hook->task, *leader = task->group_leader;
	struct process_exit exit = {};
	struct ev_process_exit *record = &exit.record;
	struct exit_threads threads = {};
	struct lineage *lineage = NULL;
	__u32 size = sizeof(*record), code;
	__u8 flags = 0;

	if (!(filter_has(filter, EV_PROCESS_EXIT) || filter_table_has(filter, EV_PROCESS_EXIT)) ||
	    !hook->last || !exit_is_reported_here(&threads, hook, filter))
		return;
	if (filter->pid && filter->children)
		lineage = lineage_of(hook->trusted->group_leader, filter);
	if (!process_needed(filter, EV_PROCESS_EXIT, task->tgid, lineage, &flags))
		return;
	header_fill(&record->header, EV_PROCESS_EXIT, EV_CLASS_VITAL, task);
	record->header.flags = flags;
	code = task->signal->flags & SIGNAL_GROUP_EXIT ? task->signal->group_exit_code
						       : leader->exit_code;
	record->lifetime = record->header.time - record->header.start_time;
	record->status = code >> 8 & 0xff;
	record->signal = code & 0x7f;
	record->core_dumped = code >> 7 & 1;
	record->ppid = task->real_parent->tgid;
	exit_fill_cost(record, &threads, task);
	if (!(flags & EV_FOR_TABLE))
		size += container_fill_last(&record->container, exit.container_id, sizeof(*record),
					    task);
	emit_bytes(&record->header, size);
}

/* ---- what was there before us ---- */

struct cgroup_search {
	struct kernfs_node *node;
	__u64 id;
	__u32 found;
	__u32 pad;
};

static long cgroup_search_step(__u64 index, struct cgroup_search *search)
{
	struct kernfs_node *node = search->node;

	if (!node)
		return 1;
	search->found = BPF_CORE_READ(node, id) == search->id;
	search->node = kernfs_parent(node);
	return search->found;
}

/* As lineage_wanted(), about a task that is not current. */
static __always_inline bool existing_wanted(const struct gancho_filter *filter,
					    struct task_struct *task, const struct lineage *lineage)
{
	struct cgroup_search search = {.id = filter->cgroup_id};
	__u32 pid = task->tgid;

	if (!filter_has(filter, EV_PROCESS_EXISTING))
		return false;
	if (filter->pid && pid != filter->pid &&
	    !(filter->children && lineage && lineage->watched == filter->pid))
		return false;
	if (!filter->cgroup_id)
		return true;
	search.node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	loop(CGROUP_LEVELS, cgroup_search_step, &search);
	return search.found;
}

static __noinline void existing_fill(struct record_slot *slot, struct ev_process_exec *record,
				     struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct file *file;

	credentials_fill(&record->after, task->cred);
	record->header.present |= EV_EXEC_HAS_AFTER;
	if (task->flags & PF_KTHREAD) /* it may use the memory of another for a while */
		record->flags |= EV_EXEC_KERNEL;
	else if (mm) {
		file = mm->exe_file;
		if (file) {
			exec_fill_file(record, file);
			path_append(slot, &record->exepath, &file->f_path, task);
		}
	}
	exec_fill_task(slot, record, task);
}

/* Of one process, whose reader waits between two; there is one visit at a time. */
#define EXISTING_TRIES 100
static __u32 existing_tries;

struct existing_memory {
	__u64 arg_start;
	__u64 arg_end;
	__u64 env_start;
	__u64 env_end;
	__u32 at; /* in the record */
	__u32 may_read_args;
	__u32 may_read_env;
	__u32 pad;
};

/*
 * Memory that a file or a user-space pager stands behind can keep its reader waiting for as long as somebody
 * likes. Arguments and environment lie on the stack, unless their owner has other things in mind.
 */
static long existing_memory_check(struct task_struct *task, struct vm_area_struct *vma,
				  struct existing_memory *memory)
{
	bool paged = false;
	__u64 vm_end = BPF_CORE_READ(vma, vm_end);

	if (bpf_core_field_exists(vma->vm_userfaultfd_ctx.ctx))
		paged = BPF_CORE_READ(vma, vm_userfaultfd_ctx.ctx);
	if (paged || BPF_CORE_READ(vma, vm_file))
		return 0;
	memory->may_read_args = vm_end >= memory->arg_end;
	memory->may_read_env = memory->env_end >= memory->env_start && vm_end >= memory->env_end &&
			       BPF_CORE_READ(vma, vm_start) <= memory->env_start;
	return 0;
}

/* Where they are, and whether they may be read. -EBUSY while the process changes its memory. */
static __always_inline long existing_memory_find(struct existing_memory *memory,
						 struct task_struct *trusted,
						 struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	if (!mm || task->flags & PF_KTHREAD)
		return 0;
	memory->arg_start = mm->arg_start;
	memory->arg_end = mm->arg_end;
	memory->env_start = mm->env_start;
	memory->env_end = mm->env_end;
	if (memory->arg_end <= memory->arg_start)
		return 0;
	return bpf_find_vma(trusted, memory->arg_start, existing_memory_check, memory, 0);
}

/*
 * What /proc/PID/cmdline shows, which may be a title that the process has written over its arguments. true: also
 * over its environment, which is none any more.
 */
static __always_inline bool existing_append_args(struct record_slot *slot,
						 struct ev_process_exec *record,
						 const struct existing_memory *found,
						 struct task_struct *trusted)
{
	struct existing_memory memory = *found;
	bool titled;
	__u64 length;
	__u8 last = 0;
	long n;

	memory.at = tail_next(slot);
	if (!memory.may_read_args || !memory.at)
		return false;
	length = memory.arg_end - memory.arg_start;
	if (bpf_copy_from_user_task(&last, 1, (void *)(memory.arg_end - 1), trusted, 0))
		return false;
	titled = last && memory.env_start == memory.arg_end && memory.env_end > memory.arg_end;
	if (titled)
		length = memory.env_end - memory.arg_start;
	if (length > settings.args_max) {
		length = settings.args_max;
		record->flags |= EV_EXEC_ARGS_TRUNCATED;
	}
	barrier_var(length); /* as in tail_kernel_bytes() */
	if (length > EV_PATH_MAX)
		return titled;
	if (bpf_copy_from_user_task(&slot->record[memory.at & (TAIL_LIMIT - 1)], length,
				    (void *)memory.arg_start, trusted, 0))
		return titled;
	if (last) { /* a title ends with its first NUL, wherever that is */
		n = bpf_probe_read_kernel_str(slot->scratch, SCRATCH_BYTES,
					      &slot->record[memory.at & (TAIL_LIMIT - 1)]);
		if (n > 0 && n < (long)length) {
			length = n;
			record->flags &= ~EV_EXEC_ARGS_TRUNCATED;
		}
	}
	tail_took(slot, &record->args, memory.at, length);
	return titled;
}

/* What /proc/PID/environ shows. Last, as above. */
static __always_inline void existing_append_environment(struct record_slot *slot,
							struct ev_process_exec *record,
							const struct existing_memory *found,
							struct task_struct *trusted)
{
	struct existing_memory memory = *found;
	__u64 length = memory.env_end - memory.env_start;

	memory.at = tail_next(slot);
	if (!memory.may_read_env || !memory.at)
		return;
	if (length > settings.args_max) {
		length = settings.args_max;
		record->flags |= EV_EXEC_ENV_TRUNCATED;
	}
	barrier_var(length); /* as in tail_kernel_bytes() */
	if (length > EV_PATH_MAX)
		return;
	if (bpf_copy_from_user_task(&slot->record[memory.at & (TAIL_LIMIT - 1)], length,
				    (void *)memory.env_start, trusted, 0))
		return;
	/* Zeros are what programs leave that have written a title and moved their environment. */
	if (length && !slot->record[memory.at & (TAIL_LIMIT - 1)])
		return;
	tail_took(slot, &record->env, memory.at, length);
	record->header.present |= EV_EXEC_HAS_ENV;
}

static __always_inline void existing_visit(struct hook_task *hook, bool sleepable)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *trusted = hook->task, *task = plain(trusted);
	struct ev_process_exec *record;
	struct lineage *lineage;
	struct record_slot *slot;
	struct existing_memory memory = {};
	bool titled = false;
	__u8 flags = 0, sent = 1;

	container_task_found(task);
	if (task->pid != task->tgid)
		return;
	/* Where programs may sleep, a process of our own does nothing but read the iterator. */
	if (sleepable && (__u32)task->tgid == bpf_get_current_pid_tgid() >> 32)
		return;
	lineage = lineage_of(trusted, filter);
	if (lineage && filter && filter->children && lineage->watched != filter->pid) {
		lineage->process = (__u64)trusted;
		lineage_watch(lineage, filter->pid);
	}
	if (!task->signal->live.counter) /* nothing is left of it but its number */
		return;
	if (!existing_wanted(filter, task, lineage)) {
		if (!filter_table_has(filter, EV_PROCESS_EXISTING))
			return;
		flags = EV_FOR_TABLE;
	}
	if (sleepable && existing_memory_find(&memory, trusted, task) == -EBUSY &&
	    existing_tries < EXISTING_TRIES) {
		existing_tries++;
		hook->result = 1;
		return;
	}
	existing_tries = 0;
	/* For whoever reads the iterator: a byte for each record, so that he can stop and wait for the ring. */
	bpf_seq_write(hook->seq, &sent, sizeof(sent));
	slot = slot_claim(sizeof(*record));
	if (!slot) {
		account_no_slot(EV_CLASS_VITAL);
		return;
	}
	record = exec_record(slot, EV_CLASS_VITAL, task);
	record->header.type = EV_PROCESS_EXISTING;
	record->header.flags = flags;
	record->tid_before = task->pid;
	if (lineage) {
		if (!lineage_append(slot, &record->lineage, lineage))
			record->flags |= EV_EXEC_LINEAGE_TRUNCATED;
		/* Its own program has not led to itself. */
		if (record->lineage.length >= sizeof(struct ev_ancestor) &&
		    lineage->images[lineage->newest & (EV_LINEAGE_MAX - 1)].pid ==
			    (__u32)task->tgid) {
			record->lineage.offset += sizeof(struct ev_ancestor);
			record->lineage.length -= sizeof(struct ev_ancestor);
		}
	}
	if (sleepable)
		titled = existing_append_args(slot, record, &memory, trusted);
	existing_fill(slot, record, task);
	if (slot->tail >= TAIL_LIMIT)
		record->flags |= EV_EXEC_TAIL_FULL;
	if (sleepable && !titled && environment_asked_for())
		existing_append_environment(slot, record, &memory, trusted);
	slot_emit(slot);
	slot_release(slot);
}

static __always_inline void process__task(struct hook_task *hook)
{
	existing_visit(hook, false);
}

static __always_inline void process__task_sleepable(struct hook_task *hook)
{
	existing_visit(hook, true);
}

/* ---- containers: their cgroups ---- */

static __always_inline void process__cgroup_mkdir(struct hook_cgroup_mkdir *hook)
{
	container_cgroup_made(hook->cgroup);
}

static __always_inline void process__cgroup_rmdir(struct hook_cgroup_rmdir *hook)
{
	container_cgroup_gone(hook->cgroup);
}

static __always_inline void process__cgroup(struct hook_cgroup *hook)
{
	container_cgroup_made(hook->cgroup);
}
