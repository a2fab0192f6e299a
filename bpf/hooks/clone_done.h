/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* fork, vfork, clone and clone3 come back to the parent. */
#pragma once

struct hook_clone_done {
	const struct kernel_clone_args *args; /* the kernel's copy */
	long result; /* the child as the caller sees it, or a negative errno */
};

static __always_inline bool fill_kernel_clone(__u64 *ctx, struct hook_clone_done *hook)
{
	hook->args = plain((const struct kernel_clone_args *)ctx[0]);
	hook->result = (int)ctx[1];
	return true;
}
