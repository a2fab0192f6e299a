/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The kernel side's common ground; vmlinux.h must come before everything else. */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/*
 * Whether the verifier takes any number for a pointer that can be read through (6.2 and later). The kernel's list of
 * such functions is asked first: that answer is a constant, and what asks for it is gone when the verifier is done.
 */
#define reads_in_place                                                              \
	(bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast) || \
	 bpf_ksym_exists(bpf_rdonly_cast))

#define S_IFMT 0170000 /* linux/stat.h */
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFIFO 0010000

#define TS_COMPAT 0x0002 /* in a 32-bit system call: arch/x86/include/asm/thread_info.h */

/*
 * The same pointer, for reading only. Through a pointer that it trusts, the verifier (6.2 and later)
 * looks each member that is a pointer up in all of BTF, name by name: a millisecond of start each. What
 * bpf_rdonly_cast() gives is not trusted and reads the same. Helpers that want a trusted pointer (task
 * storage) get the original.
 */
#define plain(pointer) (reads_in_place ? typed(pointer, true) : (pointer))

/*
 * For code that follows numbers: what one points to, and a member of that. In place, a read takes ten
 * instructions; a helper takes a hundred, and is the only way before 6.2. `in_place` is a constant, so that there
 * is code for each way and not for a mixture; who calls asks reads_in_place.
 */
#define typed(pointer, in_place) \
	((in_place) ? bpf_core_cast(pointer, typeof(*(pointer))) : (pointer))
#define member_of(pointer, member, in_place) \
	((in_place) ? (pointer)->member : BPF_CORE_READ(pointer, member))

/* A function attached at its entry and at its return has two fillers of one name. */
#define __overloadable __attribute__((overloadable))
