/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Any system call of any task is entered, past seccomp: the last way to see one, where the kernel has neither
 * kprobes nor trampolines.
 */
#pragma once

#include "hooks/raw_enter.h"

struct hook_bare_enter {
	__u32 number; /* in its table */
	__u32 compat; /* of the 32-bit table */
};

static __always_inline bool fill_sys_enter(__u64 *ctx, struct hook_bare_enter *hook)
{
	hook->number = (__u32)ctx[1] & ~X32_SYSCALL_BIT;
	hook->compat = !!(plain(bpf_get_current_task_btf())->thread_info.status & TS_COMPAT);
	return true;
}
