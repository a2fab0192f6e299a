/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * read and write as the tracepoints of all system calls show them. Whether a file is watched is asked when the call is
 * let in, so that nothing is kept of any other.
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
	file = bare_same_file(mark->file, args[0]);
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

/* ---- from one file to another ---- */

struct bare_copied {
	__u32 from;
	__u32 to;
	__u64 size;
	__u64 from_place; /* user memory, where the file's place is; 0: where it stands */
	__u64 to_place;
};

static __always_inline void bare_copied(struct bare_copied *copied, __u32 how)
{
	__u64 args[6];

	syscall_args(args);
	if (how == BARE_COPY_RANGE) {
		copied->from = args[0];
		copied->from_place = args[1];
		copied->to = args[2];
		copied->to_place = args[3];
		copied->size = args[4];
		return;
	}
	copied->to = args[0];
	copied->from = args[1];
	copied->from_place = args[2];
	copied->to_place = 0;
	copied->size = args[3];
}

static __always_inline bool bare_copy_wanted(enum ev_type type, struct file *file,
					     const struct gancho_filter *filter)
{
	return filter_has(filter, type) && file_watched((__u64)file, filter);
}

__noinline int bare_copy_begin(__u32 number, __u32 compat, __u32 how)
{
	const struct gancho_filter *filter = filter_now();
	struct bare_copied copied;
	struct file *from, *to;
	struct bare_mark *mark;

	bare_copied(&copied, how);
	from = file_of_fd(copied.from);
	to = file_of_fd(copied.to);
	if (!from || !to)
		return 0;
	if (!bare_copy_wanted(EV_READ, from, filter) && !bare_copy_wanted(EV_WRITE, to, filter))
		return 0;
	mark = bare_mark(number, compat);
	if (mark) {
		mark->file = (__u64)from;
		mark->to_file = (__u64)to;
	}
	return 0;
}

/* The kernel has moved the place on, as far as it came. */
static __always_inline void bare_copy_position(struct hook_io_done *hook, struct file *file,
					       __u64 place, __u32 how)
{
	__u32 bytes = how == BARE_SENDFILE_32 ? sizeof(__u32) : sizeof(__u64);
	__u64 position = 0;

	if (!place)
		return io_position(hook, (__u64)__builtin_preserve_access_index(&file->f_pos));
	if (bpf_probe_read_user(&position, bytes, (void *)place))
		return;
	hook->position = position;
	hook->flags |= IO_HAS_POSITION | IO_TOLD_BY_USER;
}

__noinline int bare_copy_end(__u32 number, __u32 compat, __u32 how, long result)
{
	struct bare_mark *mark = bare_marked(number, compat);
	struct bare_copied copied;
	struct hook_io_done hook;
	struct file *from, *to;

	if (!mark)
		return 0;
	bare_copied(&copied, how);
	from = bare_same_file(mark->file, copied.from);
	to = bare_same_file(mark->to_file, copied.to);
	if (!from || !to) { /* a thread has exchanged one meanwhile */
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	io_plain(&hook, EV_READ, (__u64)from, copied.size, result);
	bare_copy_position(&hook, from, copied.from_place, how);
	io_seen(&hook);
	io_plain(&hook, EV_WRITE, (__u64)to, copied.size, result);
	bare_copy_position(&hook, to, copied.to_place, how);
	io_seen(&hook);
	return 0;
}

/* ---- io_submit: what is under way when the call is over ---- */

#define AIO_STEPS 1024 /* requests of one call that are looked at */
#define AIO_READ 0     /* uapi/linux/aio_abi.h: IOCB_CMD_* */
#define AIO_WRITE 1
#define AIO_READ_VECTOR 7
#define AIO_WRITE_VECTOR 8

/* Not on the stack, of which those that look at a file need much. */
struct bare_aio {
	struct hook_io_done hook;
	struct iocb asked;
	__u64 list; /* user memory: addresses of what is asked, as wide as the table's words */
	__u32 count;
	__u32 compat;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct bare_aio);
} bare_aios SEC(".maps");

struct bare_aio_walk {
	struct bare_aio *aio;
};

/* The caller's memory, and the kernel has had it already. */
static __always_inline bool bare_aio_asked(struct bare_aio *aio, __u64 index)
{
	__u32 bytes = aio->compat ? sizeof(__u32) : sizeof(__u64);
	__u64 at = 0;

	if (bpf_probe_read_user(&at, bytes, (void *)(aio->list + index * bytes)))
		return false;
	return !bpf_probe_read_user(&aio->asked, sizeof(aio->asked), (void *)at);
}

static long bare_aio_step(__u64 index, struct bare_aio_walk *walk)
{
	struct bare_aio *aio = walk->aio;
	__u32 operation;
	struct file *file;
	bool writes;

	if (index >= aio->count)
		return 1;
	if (!bare_aio_asked(aio, index)) {
		if (current_let_in(filter_now()))
			account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	operation = aio->asked.aio_lio_opcode;
	writes = operation == AIO_WRITE || operation == AIO_WRITE_VECTOR;
	if (!writes && operation != AIO_READ && operation != AIO_READ_VECTOR)
		return 0;
	file = file_of_fd(aio->asked.aio_fildes);
	if (!file || !bare_has(writes ? EV_WRITE : EV_READ))
		return 0;
	io_plain(&aio->hook, writes ? EV_WRITE : EV_READ, (__u64)file, aio->asked.aio_nbytes, 0);
	aio->hook.flags |= IO_ASYNC | IO_ASKED_BY_USER;
	if (operation == AIO_READ_VECTOR || operation == AIO_WRITE_VECTOR) {
		aio->hook.vector = aio->asked.aio_buf;
		aio->hook.flags |= IO_VECTOR | (aio->compat ? IO_COMPAT : 0);
	}
	if (!writes || !(BPF_CORE_READ(file, f_flags) & O_APPEND_FLAG)) {
		aio->hook.position = aio->asked.aio_offset;
		aio->hook.flags |= IO_HAS_POSITION;
	}
	io_seen(&aio->hook);
	return 0;
}

__noinline int bare_aio_begin(__u32 number, __u32 compat)
{
	struct bare_aio *aio = bpf_task_storage_get(&bare_aios, bpf_get_current_task_btf(), NULL,
						    BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 args[6];

	if (!aio) {
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	syscall_args(args);
	aio->list = args[2];
	aio->compat = compat;
	bare_mark(number, compat);
	return 0;
}

/* The result is how many there are. */
__noinline int bare_aio_end(__u32 number, __u32 compat, long result)
{
	struct bare_aio_walk walk;

	if (!bare_marked(number, compat) || result <= 0)
		return 0;
	walk.aio = bpf_task_storage_get(&bare_aios, bpf_get_current_task_btf(), NULL, 0);
	if (!walk.aio)
		return 0;
	walk.aio->count = result;
	loop(AIO_STEPS, bare_aio_step, &walk);
	if (result > AIO_STEPS && current_let_in(filter_now()))
		account_no_slot(EV_CLASS_BULK);
	return 0;
}
