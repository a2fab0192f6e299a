/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The system calls that open come back, with a descriptor or an error. io_uring does not come by. */
#pragma once

struct hook_open_done {
	const char *filename; /* user memory */
	const struct open_how *how;
	long result;
};

static __always_inline bool fill_do_sys_openat2(__u64 *ctx, struct hook_open_done *hook)
{
	hook->filename = (const char *)ctx[1];
	hook->how = (const struct open_how *)ctx[2];
	hook->result = (long)ctx[3];
	return true;
}
