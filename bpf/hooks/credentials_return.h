/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A function that changes credentials, session or terminal of the caller comes back. */
#pragma once

#include "probe_functions.h"

struct hook_credentials_return {
	enum probe_function function;
	long result;
};

static __always_inline bool fill_credentials_return(__u64 *ctx,
						    struct hook_credentials_return *hook)
{
	hook->function = bpf_get_attach_cookie(ctx);
	/* An int is not the whole register; a longer result that matters here is an error too. */
	hook->result = (int)PT_REGS_RC((struct pt_regs *)ctx);
	return true;
}
