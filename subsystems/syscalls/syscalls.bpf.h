/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The syscalls room's halves of its hooks. What is attached to many functions goes to each family. */
#pragma once

#include "syscalls/attributes.bpf.h"
#include "syscalls/bare.bpf.h"
#include "syscalls/bare_rings.bpf.h"
#include "syscalls/ring_overflow.bpf.h"
#include "syscalls/io.bpf.h"
#include "syscalls/names.bpf.h"
#include "syscalls/open.bpf.h"
#include "syscalls/privilege.bpf.h"
#include "syscalls/raw_calls.bpf.h"
#include "syscalls/sockets.bpf.h"

static __always_inline void syscalls__call_enter(struct hook_call_enter *hook)
{
	if (hook->function == PROBE_io_openat2)
		return open_ring_enter(hook->args[0]);
	if (names_enter(hook) || attributes_enter(hook))
		return;
	privilege_middle(hook);
	sockets_enter(hook);
}

static __always_inline void syscalls__call_return(struct hook_call_return *hook)
{
	__u64 args[6];

	if (names_return(hook))
		return;
	syscall_args(args);
	if (!attributes_return(hook->function, hook->result, args))
		sockets_return(hook);
}

static __always_inline void syscalls__syscall_enter(struct hook_syscall_enter *hook)
{
	privilege_enter(hook);
}

static __always_inline void syscalls__syscall_return(struct hook_syscall_return *hook)
{
	if (!attributes_return(hook->call, hook->result, hook->args))
		privilege_return(hook);
}
