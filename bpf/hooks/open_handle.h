/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* open_by_handle_at(2) comes back, with a descriptor or an error. */
#pragma once

struct hook_open_handle {
	int flags;
	long result;
};

static __always_inline bool fill_do_handle_open(__u64 *ctx, struct hook_open_handle *hook)
{
	hook->flags = (int)ctx[2];
	hook->result = (long)ctx[3];
	return true;
}
