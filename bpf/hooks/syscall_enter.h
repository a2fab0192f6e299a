/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A system call that hooks.list names as syscall is entered, by whichever table. */
#pragma once

#include "probe_functions.h"

/* The arguments as the caller's registers hold them, which no other thread can change. */
static __always_inline void syscall_args(__u64 args[6])
{
	struct task_struct *trusted = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(trusted);

	if (plain(trusted)->thread_info.status & TS_COMPAT) {
		args[0] = (__u32)regs->bx;
		args[1] = (__u32)regs->cx;
		args[2] = (__u32)regs->dx;
		args[3] = (__u32)regs->si;
		args[4] = (__u32)regs->di;
		args[5] = (__u32)regs->bp;
		return;
	}
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

struct hook_syscall_enter {
	enum probe_function call;
	__u64 args[6];
};

static __always_inline bool fill_syscall_enter(__u64 *ctx, struct hook_syscall_enter *hook)
{
	hook->call = bpf_get_attach_cookie(ctx);
	syscall_args(hook->args);
	return true;
}
