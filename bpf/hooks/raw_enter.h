/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A system call that was asked for by its name is entered, by whichever table. */
#pragma once

#include "hooks/syscall_enter.h"

#define X32_SYSCALL_BIT 0x40000000 /* asm/unistd.h */

struct hook_raw_enter {
	__u32 number;
	__u32 compat; /* of the 32-bit table */
	__u64 args[6];
};

static __always_inline bool fill_raw_enter(__u64 *ctx, struct hook_raw_enter *hook)
{
	struct task_struct *trusted = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(trusted);

	hook->number = regs->orig_ax & ~X32_SYSCALL_BIT;
	hook->compat = !!(plain(trusted)->thread_info.status & TS_COMPAT);
	syscall_args(hook->args);
	return true;
}
