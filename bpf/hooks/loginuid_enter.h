/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A process writes its /proc/PID/loginuid. */
#pragma once

struct hook_loginuid_enter {
	__u32 loginuid;
};

static __always_inline bool fill_loginuid_enter(__u64 *ctx, struct hook_loginuid_enter *hook)
{
	hook->loginuid = PT_REGS_PARM1((struct pt_regs *)ctx);
	return true;
}
