/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A program is executed: what is kept of the old one, and the record of the new one. */
#pragma once

#include "container.bpf.h"
#include "emit.bpf.h"
#include "filter.bpf.h"
#include "hooks/exec_before.h"
#include "hooks/exec_check.h"
#include "hooks/sched_process_exec.h"
#include "lineage.bpf.h"
#include "path.bpf.h"
#include "process/credentials.bpf.h"
#include "process/process.h"

#define S_ISUID 0004000
#define S_ISGID 0002000
#define OVERLAYFS_SUPER_MAGIC 0x794c7630 /* linux/magic.h */
#define SCRIPTS 64			 /* execs of scripts that can be under way at a time */

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

/* Whether to send a record, and in `flags` for whom. */
static __always_inline bool process_needed(const struct gancho_filter *filter, enum ev_type type,
					   __u32 pid, const struct lineage *lineage, __u8 *flags)
{
	if (lineage_wanted(filter, type, pid, lineage))
		return true;
	*flags = EV_FOR_TABLE;
	return filter_table_has(filter, type);
}

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
