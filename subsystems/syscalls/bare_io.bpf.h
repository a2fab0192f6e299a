/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * read and write as the tracepoints of all system calls show them: by those calls that move between one descriptor and
 * memory. Whether the file is watched is asked when the call is let in, so that nothing is kept of any other.
 */
#pragma once

#include "syscalls/bare_call.bpf.h"
#include "syscalls/io.bpf.h"

#define O_APPEND_FLAG 02000 /* uapi/asm-generic/fcntl.h */

__noinline int bare_io_begin(__u32 number, __u32 compat, enum ev_type type)
{
	const struct gancho_filter *filter = filter_now();
	struct bare_mark *mark;
	struct file *file;
	__u64 args[6];

	syscall_args(args);
	file = file_of_fd(args[0]);
	if (!file || !file_watched((__u64)file, filter) || !call_wanted(type))
		return 0;
	mark = bare_mark(number, compat);
	if (mark)
		mark->file = (__u64)file;
	return 0;
}

/* Where it ended: where the file stands, or where the call was told to begin, and what it moved. */
static __always_inline void bare_io_position(struct hook_io_done *hook, struct file *file,
					     __u32 how, __u64 at)
{
	bool told = how & BARE_IO_AT && !(how & BARE_IO_OR_STANDS && at == (__u64)-1);

	if (!told)
		return io_position(hook, (__u64)__builtin_preserve_access_index(&file->f_pos));
	/* To the end of the file, whatever it was told. */
	if (hook->type == EV_WRITE && BPF_CORE_READ(file, f_flags) & O_APPEND_FLAG)
		return;
	hook->flags |= IO_HAS_POSITION;
	hook->position = at + (hook->result > 0 ? hook->result : 0);
}

__noinline int bare_io_end(__u32 number, __u32 compat, enum ev_type type, __u32 how, long result)
{
	struct bare_mark *mark = bare_marked(number, compat);
	struct hook_io_done hook;
	struct file *file;
	__u64 args[6];

	if (!mark)
		return 0;
	syscall_args(args);
	file = bare_same_file(mark, args[0]);
	if (!file) { /* a thread has exchanged it meanwhile */
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	io_plain(&hook, type, (__u64)file, args[2], result);
	if (how & BARE_IO_VECTOR) {
		hook.vector = args[1];
		hook.size = (__u32)args[2];
		hook.flags |= IO_VECTOR | (compat ? IO_COMPAT : 0);
	}
	bare_io_position(&hook, file, how, compat ? args[3] | args[4] << 32 : args[3]);
	io_seen(&hook);
	return 0;
}
