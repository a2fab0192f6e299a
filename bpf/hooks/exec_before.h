/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The last moment at which the caller is still its old self; an error after it is fatal. Since 6.10. */
#pragma once

struct hook_exec_before {
	struct task_struct *trusted; /* current */
	struct task_struct *task;    /* the same, to read through */
};

static __always_inline bool fill_sched_prepare_exec(__u64 *ctx, struct hook_exec_before *hook)
{
	hook->trusted = (struct task_struct *)ctx[0];
	hook->task = plain(hook->trusted);
	return true;
}
