/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A system call that was asked for by its name comes back. What it was the caller's registers need not say any more. */
#pragma once

struct hook_raw_return {
	long result;
};

static __always_inline bool fill_raw_return(__u64 *ctx, struct hook_raw_return *hook)
{
	hook->result = PT_REGS_RC((struct pt_regs *)ctx);
	return true;
}
