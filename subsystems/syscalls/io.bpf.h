/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * read and write. All is known when the kernel's function comes back, so a record is begun and sent at
 * once, and nothing is kept of an operation that waits.
 */
#pragma once

#include "hooks/copy_done.h"
#include "hooks/io_done.h"
#include "socket.bpf.h"
#include "syscalls/call.bpf.h"
#include "syscalls/file.bpf.h"
#include "syscalls/handed.bpf.h"
#include "syscalls/watched.bpf.h"

#define IO_VECTOR_MAX 1024 /* UIO_MAXIOV (linux/uio.h) */

struct io_sum {
	__u64 vector;
	__u64 bytes;
	__u32 count;
	__u32 compat;
	__u32 failed;
	__u32 done;
};

static long io_sum_step(__u64 index, struct io_sum *sum)
{
	__u64 wide[2] = {};
	__u32 narrow[2] = {};
	long error;

	if (index >= sum->count) {
		sum->done = 1;
		return 1;
	}
	if (sum->compat) {
		error = bpf_probe_read_user(narrow, sizeof(narrow),
					    (void *)(sum->vector + index * sizeof(narrow)));
		wide[1] = narrow[1];
	} else {
		error = bpf_probe_read_user(wide, sizeof(wide),
					    (void *)(sum->vector + index * sizeof(wide)));
	}
	if (error) {
		sum->failed = 1;
		return 1;
	}
	sum->bytes += wide[1];
	sum->done = index + 1 == sum->count;
	return 0;
}

/* What was asked for: the kernel's copy of an iovec is gone, so it is read where the caller has it. */
static __always_inline void io_size(struct ev_io_call *record, const struct hook_io_done *hook)
{
	struct io_sum sum = {
		.vector = hook->vector,
		.count = hook->size,
		.compat = hook->flags & IO_COMPAT,
		.done = !hook->size,
	};

	record->size = hook->size;
	if (hook->flags & IO_ASKED_BY_USER)
		record->call.flags |= EV_CALL_USER_MEMORY;
	if (hook->flags & IO_VECTOR) {
		loop(IO_VECTOR_MAX, io_sum_step, &sum);
		if (sum.failed || !sum.done)
			return;
		record->size = sum.bytes;
		record->call.flags |= EV_CALL_USER_MEMORY;
	}
	record->call.header.present |= EV_IO_HAS_SIZE;
}

static __always_inline void io_file(struct record_slot *slot, __u64 address)
{
	struct ev_io_call *record = (struct ev_io_call *)slot->record;
	struct file *file = (struct file *)address;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket = socket_of_file(file);

	record->inode = BPF_CORE_READ(inode, i_ino);
	record->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode);
	if (!socket)
		path_found(slot, &record->path, (__u64)BPF_CORE_READ(file, f_path.mnt),
			   (__u64)BPF_CORE_READ(file, f_path.dentry));
	else if (socket_append(slot, offsetof(struct ev_io_call, socket), socket))
		record->call.header.present |= EV_IO_HAS_SOCKET;
}

/* Where it began, from where it ended. */
static __always_inline void io_offset(struct ev_io_call *record, const struct hook_io_done *hook,
				      long result)
{
	__u32 type = record->mode & S_IFMT;
	__u64 position = hook->position;

	if (!(hook->flags & IO_HAS_POSITION) || (type != S_IFREG && type != S_IFBLK))
		return;
	if (hook->flags & IO_POSITION_AT &&
	    bpf_probe_read_kernel(&position, sizeof(position), (void *)position))
		return;
	/* What knows no position (much of /proc) does not move on. */
	if (result > 0 && position >= (__u64)result)
		position -= result;
	if (hook->flags & IO_TOLD_BY_USER)
		record->call.flags |= EV_CALL_USER_MEMORY;
	record->offset = position;
	record->call.header.present |= EV_IO_HAS_OFFSET;
}

static __always_inline void io_record(const struct hook_io_done *hook, __u32 origin)
{
	struct record_slot *slot = slot_claim(sizeof(struct ev_io_call));
	struct ev_io_call *record;
	long result = hook->result;

	if (!slot)
		return account_no_slot(EV_CLASS_BULK);
	record = (struct ev_io_call *)slot->record;
	__builtin_memset(record, 0, sizeof(*record));
	call_fill(slot, hook->type);
	if (hook->flags & IO_RING)
		call_by_ring(&record->call);
	if (hook->creds)
		call_as(&record->call, (const struct cred *)hook->creds);
	io_file(slot, hook->file);
	record->origin = origin;
	if (origin)
		record->call.header.present |= EV_IO_HAS_ORIGIN;
	io_size(record, hook);
	if (hook->flags & IO_ASYNC) {
		record->call.flags |= EV_CALL_ASYNC;
		result = 0;
	} else if (result >= 0) {
		record->call.header.present |= EV_IO_HAS_RESULT;
	} else {
		result = call_result(result);
	}
	io_offset(record, hook, result);
	call_end(slot, result);
}

/* For each read and write of the machine. A function, which the verifier goes through once. */
__noinline int io_seen(struct hook_io_done *hook)
{
	const struct gancho_filter *filter = filter_now();
	__u32 origin = 0;

	if (!hook || !filter_has(filter, hook->type))
		return 0;
	if (filter_has(filter, EV_HANDED_OVER))
		origin = handed_over(hook->file, filter);
	if (!origin && !file_watched(hook->file, filter))
		return 0;
	if (plain(bpf_get_current_task_btf())->flags & PF_KTHREAD)
		return 0;
	if (current_let_in(filter))
		io_record(hook, origin);
	else
		account_filtered(EV_CLASS_BULK);
	return 0;
}

static __always_inline void syscalls__io_done(struct hook_io_done *hook)
{
	io_seen(hook);
}

static __always_inline void syscalls__copy_done(struct hook_copy_done *hook)
{
	io_seen(&hook->from);
	io_seen(&hook->to);
}
