/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The syscalls room's halves of its hooks. What is attached to many functions goes to each family. */
#pragma once

#include "syscalls/attributes.bpf.h"
#include "syscalls/names.bpf.h"
#include "syscalls/open.bpf.h"

static __always_inline void syscalls__call_enter(struct hook_call_enter *hook)
{
	if (hook->function == PROBE_io_openat2)
		return open_ring_enter(hook->args[0]);
	if (!names_enter(hook))
		attributes_enter(hook);
}

static __always_inline void syscalls__call_return(struct hook_call_return *hook)
{
	if (!names_return(hook))
		attributes_return(hook);
}
