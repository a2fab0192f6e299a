/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The process room's halves of its hooks. */
#pragma once

#include "container.bpf.h"
#include "emit.bpf.h"
#include "filter.bpf.h"
#include "hooks/cgroup.h"
#include "hooks/cgroup_mkdir.h"
#include "hooks/cgroup_rmdir.h"
#include "hooks/sched_process_exit.h"
#include "hooks/sched_process_fork.h"
#include "lineage.bpf.h"
#include "process/credentials.bpf.h"
#include "process/exec.bpf.h"
#include "process/exec_failure.bpf.h"
#include "process/existing.bpf.h"
#include "process/process.h"

#define PAGE_BYTES 4096ULL	     /* arch/x86 */
#define SIGNAL_GROUP_EXIT 0x00000004 /* linux/sched/signal.h */
#define EXIT_THREADS 4096	     /* of a process that ends, those that are not released yet */
#define EXIT_TRIES 4

/* Records that are short enough for the stack, with room for the only string that they may have. */
struct process_fork {
	struct ev_process_fork record;
	__u8 container_id[EV_CONTAINER_ID_MAX];
};

struct process_exit {
	struct ev_process_exit record;
	__u8 container_id[EV_CONTAINER_ID_MAX];
};

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
