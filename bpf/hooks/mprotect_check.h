/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* mprotect asks whether it may, once for each mapping in its range. */
#pragma once

struct hook_mprotect_check {
	struct vm_area_struct *vma; /* as it is before */
	__u64 prot;		    /* what it will be */
};

static __always_inline bool fill_security_file_mprotect(__u64 *ctx,
							struct hook_mprotect_check *hook)
{
	hook->vma = plain((struct vm_area_struct *)ctx[0]);
	hook->prot = ctx[2];
	return true;
}
