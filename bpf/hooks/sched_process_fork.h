/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#pragma once

struct hook_sched_process_fork {
	struct task_struct *parent; /* who called fork: current */
	struct task_struct *child;  /* has not run yet */
};

static __always_inline bool fill_sched_process_fork(__u64 *ctx,
						    struct hook_sched_process_fork *hook)
{
	hook->parent = (struct task_struct *)ctx[0];
	hook->child = (struct task_struct *)ctx[1];
	return true;
}
