/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * An open that begins at a file the kernel has found by itself: from open_by_handle_at(2), and the
 * kernel's own. The file, or an error; it has no descriptor yet.
 */
#pragma once

#include "core.bpf.h"

struct hook_open_root {
	const struct open_flags *op;
	struct file *file; /* NULL when it failed */
};

static __always_inline bool fill_do_file_open_root(__u64 *ctx, struct hook_open_root *hook)
{
	hook->op = (const struct open_flags *)ctx[2];
	hook->file = ctx[3] >= (__u64)-4095 ? NULL : (struct file *)ctx[3];
	return true;
}
