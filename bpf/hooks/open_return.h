/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Every open by name ends here: open, openat, openat2, creat, io_uring, exec's own. The file, or an
 * error; it has no descriptor yet.
 */
#pragma once

struct hook_open_return {
	struct filename *name; /* the kernel's copy of the path */
	const struct open_flags *op;
	struct file *file; /* NULL when it failed */
	long error;	   /* negative errno, or 0 */
};

static __always_inline bool fill_do_filp_open(__u64 *ctx, struct hook_open_return *hook)
{
	hook->name = (struct filename *)ctx[1];
	hook->op = (const struct open_flags *)ctx[2];
	hook->error = 0;
	hook->file = (struct file *)ctx[3];
	if (ctx[3] >= (__u64)-4095) {
		hook->error = (long)ctx[3];
		hook->file = NULL;
	}
	return true;
}
