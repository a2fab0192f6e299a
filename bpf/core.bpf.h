/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The kernel side's common ground; vmlinux.h must come before everything else. */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define TS_COMPAT 0x0002 /* in a 32-bit system call: arch/x86/include/asm/thread_info.h */

/*
 * The same pointer, for reading only. Through a pointer that it trusts, the verifier (6.2 and later)
 * looks each member that is a pointer up in all of BTF, name by name: a millisecond of start each. What
 * bpf_rdonly_cast() gives is not trusted and reads the same. Helpers that want a trusted pointer (task
 * storage) get the original.
 */
#define plain(pointer) \
	(bpf_ksym_exists(bpf_rdonly_cast) ? bpf_core_cast(pointer, typeof(*(pointer))) : (pointer))
