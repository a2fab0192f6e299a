/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A signal comes to a task; the current task is who sends it, unless it is the kernel that does. */
#pragma once

struct hook_signal_generate {
	__u32 signal;
	struct task_struct *task;
};

static __always_inline bool fill_signal_generate(__u64 *ctx, struct hook_signal_generate *hook)
{
	hook->signal = ctx[0];
	hook->task = (struct task_struct *)ctx[2];
	return true;
}
