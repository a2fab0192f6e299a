/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One of the kernel's functions that hooks.list names as retprobe comes back. */
#pragma once

#include "probe_functions.h"

struct hook_call_return {
	enum probe_function function;
	long result;
};

static __always_inline bool fill_call_return(__u64 *ctx, struct hook_call_return *hook)
{
	hook->function = bpf_get_attach_cookie(ctx);
	/* All of them return an int: the upper half of the register is not its own. */
	hook->result = (int)PT_REGS_RC((struct pt_regs *)ctx);
	return true;
}
