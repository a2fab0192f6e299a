/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What was there before us, by visiting all tasks. */
#pragma once

#include "hooks/task.h"
#include "hooks/task_sleepable.h"
#include "process/exec.bpf.h"

#define EBUSY 16 /* asm-generic/errno-base.h */

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
