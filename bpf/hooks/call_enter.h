/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One of the kernel's functions that hooks.list names as probe is entered. */
#pragma once

#include "probe_functions.h"

struct hook_call_enter {
	enum probe_function function;
	__u64 args[5]; /* as the function declares them */
};

static __always_inline bool fill_call_enter(__u64 *ctx, struct hook_call_enter *hook)
{
	struct pt_regs *regs = (struct pt_regs *)ctx;

	hook->function = bpf_get_attach_cookie(ctx);
	hook->args[0] = PT_REGS_PARM1(regs);
	hook->args[1] = PT_REGS_PARM2(regs);
	hook->args[2] = PT_REGS_PARM3(regs);
	hook->args[3] = PT_REGS_PARM4(regs);
	hook->args[4] = PT_REGS_PARM5(regs);
	return true;
}
