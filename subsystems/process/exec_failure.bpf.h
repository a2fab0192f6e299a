/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* An attempt to execute failed: what it was given, from the caller's memory where nobody else has it. */
#pragma once

#include "hooks/exec_return.h"
#include "process/exec.bpf.h"

#define LIST_MAX 256 /* arguments of a failed exec that are looked at, and variables */

/* Set on a thread whose failed exec was reported by an inner function, until the system call returns. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} exec_reported SEC(".maps");

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
