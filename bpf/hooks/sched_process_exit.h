/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#pragma once

struct hook_sched_process_exit {
	struct task_struct *trusted; /* current: a thread; the process ends with its last one */
	struct task_struct *task;    /* the same, to read through */
	bool last;		     /* no thread is alive after this one */
	bool only;		     /* of no other thread this is said too */
};

/* Newer kernels tell which thread was the last. */
struct trace_event_raw_sched_process_exit___group_dead {
	bool group_dead;
} __attribute__((preserve_access_index));

static __always_inline bool fill_sched_process_exit(__u64 *ctx,
						    struct hook_sched_process_exit *hook)
{
	struct trace_event_raw_sched_process_exit___group_dead *newer = NULL;

	hook->trusted = (struct task_struct *)ctx[0];
	hook->task = plain(hook->trusted);
	hook->only = bpf_core_field_exists(newer->group_dead);
	if (hook->only)
		hook->last = ctx[1] & 1;
	else
		hook->last = !hook->task->signal->live.counter;
	return true;
}
