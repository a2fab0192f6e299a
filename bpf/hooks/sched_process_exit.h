/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#pragma once

struct hook_sched_process_exit {
	struct task_struct *trusted; /* current: a thread; the process ends with its last one */
	struct task_struct *task;    /* the same, to read through */
};

static __always_inline bool fill_sched_process_exit(__u64 *ctx,
						    struct hook_sched_process_exit *hook)
{
	hook->trusted = (struct task_struct *)ctx[0];
	hook->task = plain(hook->trusted);
	return true;
}
