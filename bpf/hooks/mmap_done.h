/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A mapping was made, or not: mmap in all its forms, and the kernel's own for exec. */
#pragma once

struct hook_mmap_done {
	struct file *file; /* NULL: anonymous */
	__u64 address;	   /* asked for */
	__u64 length;
	__u64 prot;
	__u64 flags;
	long result;	  /* where it is, or a negative errno */
	bool user_memory; /* what was asked for was read from there */
};

static __always_inline bool fill_vm_mmap_pgoff(__u64 *ctx, struct hook_mmap_done *hook)
{
	hook->file = (struct file *)ctx[0];
	hook->address = ctx[1];
	hook->length = ctx[2];
	hook->prot = ctx[3];
	hook->flags = ctx[4];
	hook->result = (long)ctx[6];
	hook->user_memory = false;
	return true;
}
