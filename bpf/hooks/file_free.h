/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Nobody has this open file any more; the next one may have its address. */
#pragma once

struct hook_file_free {
	__u64 file;
};

static __always_inline bool fill_security_file_free(__u64 *ctx, struct hook_file_free *hook)
{
	hook->file = ctx[0];
	return true;
}
