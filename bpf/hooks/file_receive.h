/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Another process's file is about to become a descriptor of the current one. */
#pragma once

struct hook_file_receive {
	struct file *file;
};

static __always_inline bool fill_security_file_receive(__u64 *ctx, struct hook_file_receive *hook)
{
	hook->file = (struct file *)ctx[0];
	return true;
}
