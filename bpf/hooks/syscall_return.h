/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A system call that hooks.list names as syscall comes back. */
#pragma once

#include "hooks/syscall_enter.h"

struct hook_syscall_return {
	enum probe_function call;
	long result;
	__u64 args[6];
};

static __always_inline bool fill_syscall_return(__u64 *ctx, struct hook_syscall_return *hook)
{
	hook->call = bpf_get_attach_cookie(ctx);
	hook->result = PT_REGS_RC((struct pt_regs *)ctx);
	syscall_args(hook->args);
	return true;
}
