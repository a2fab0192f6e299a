/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#pragma once

struct hook_sched_process_exec {
	struct task_struct *trusted; /* current, already the new program, not yet run */
	struct task_struct *task;    /* the same, to read through */
	pid_t old_tid; /* of the thread that called; the leader's id is its own by now */
	struct linux_binprm *bprm;
};

static __always_inline bool fill_sched_process_exec(__u64 *ctx,
						    struct hook_sched_process_exec *hook)
{
	hook->trusted = (struct task_struct *)ctx[0];
	hook->task = plain(hook->trusted);
	hook->old_tid = (pid_t)ctx[1];
	hook->bprm = plain((struct linux_binprm *)ctx[2]);
	return true;
}
