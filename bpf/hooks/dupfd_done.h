/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* fcntl(F_DUPFD) comes back. */
#pragma once

struct hook_dupfd_done {
	struct file *file; /* the caller holds it */
	__u32 flags;	   /* O_CLOEXEC or 0 */
	long result;	   /* the new descriptor, or a negative errno */
};

static __always_inline bool fill_f_dupfd(__u64 *ctx, struct hook_dupfd_done *hook)
{
	hook->file = plain((struct file *)ctx[1]);
	hook->flags = ctx[2];
	hook->result = (int)ctx[3];
	return true;
}
