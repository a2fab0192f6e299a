/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Any system call of any task comes back, also one that seccomp did not let in. */
#pragma once

#include "hooks/raw_enter.h"

struct hook_bare_exit {
	__u32 number; /* as far as the registers still say it */
	__u32 compat;
	long result;
};

static __always_inline bool fill_sys_exit(__u64 *ctx, struct hook_bare_exit *hook)
{
	struct pt_regs *regs = plain((struct pt_regs *)ctx[0]);

	hook->number = (__u32)regs->orig_ax & ~X32_SYSCALL_BIT;
	hook->compat = !!(plain(bpf_get_current_task_btf())->thread_info.status & TS_COMPAT);
	hook->result = (long)ctx[1];
	return true;
}
