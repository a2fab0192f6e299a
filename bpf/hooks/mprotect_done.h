/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* mprotect and pkey_mprotect come back. */
#pragma once

struct hook_mprotect_done {
	__u64 address;
	__u64 length;
	long result;
};

static __always_inline bool fill_do_mprotect_pkey(__u64 *ctx, struct hook_mprotect_done *hook)
{
	hook->address = ctx[0];
	hook->length = ctx[1];
	hook->result = (int)ctx[4];
	return true;
}
