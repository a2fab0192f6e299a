/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * open: what was found is read from the file itself, the name from the kernel's own copy, both before
 * any other thread can reach them. Only the descriptor comes later.
 */
#pragma once

#include "hooks/call_enter.h"
#include "hooks/open_done.h"
#include "hooks/open_handle.h"
#include "hooks/open_return.h"
#include "hooks/open_ring.h"
#include "hooks/open_root.h"
#include "syscalls/call.bpf.h"

#define FMODE_EXEC_FLAG \
	0x20 /* __FMODE_EXEC in open_flag: execve(2) and uselib(2) open (linux/fs.h) */
#define FMODE_CREATED 0x100000	 /* linux/fs.h */
#define O_CREAT_FLAG 0100	 /* asm-generic/fcntl.h */
#define O_TMPFILE_FLAG 020000000 /* __O_TMPFILE (asm-generic/fcntl.h): a file that has no name */

__u32 open_rings; /* a ring has opened a file: an open may have a record by then */

/* Does the current task come through do_sys_openat2()? It then gets a descriptor there. */
static __always_inline bool open_has_descriptor(const struct ev_call *call)
{
	__u32 number = call_number(call);

	if (call->flags & EV_CALL_IO_URING) /* in io_openat2() */
		return true;
	if (call->flags & EV_CALL_COMPAT) /* open, creat, openat, openat2 */
		return number == 5 || number == 8 || number == 295 || number == 437;
	return number == 257 || number == 2 || number == 437 || number == 85;
}

static __always_inline bool open_by_handle(const struct ev_call *call)
{
	return call_number(call) == (call->flags & EV_CALL_COMPAT ? 342 : 304);
}

static __always_inline void open_found(struct record_slot *slot, struct file *found, __u32 flags)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct file *file = plain(found);
	struct inode *inode = file->f_inode;

	record->inode = inode->i_ino;
	record->dev = inode->i_sb->s_dev;
	record->mode = inode->i_mode;
	record->call.header.present |= EV_FILE_HAS_OBJECT;
	if (!paths_left_out(EV_OPEN))
		path_append(slot, &record->path, &file->f_path, plain(bpf_get_current_task_btf()));
	if (flags & O_TMPFILE_FLAG || (flags & O_CREAT_FLAG && file->f_mode & FMODE_CREATED))
		record->call.flags |= EV_CALL_CREATED;
}

static __always_inline void syscalls__open_return(struct hook_open_return *hook)
{
	struct record_slot *slot = NULL;
	struct ev_file_call *record;
	__u32 flags = hook->op->open_flag;

	if (flags & FMODE_EXEC_FLAG) /* an exec is a record of its own */
		return;
	if (!call_wanted(EV_OPEN))
		return;
	if (open_rings)
		slot = pending_find();
	record = call_pending(slot, EV_OPEN);
	if (!record || !(record->call.flags & EV_CALL_IO_URING)) {
		slot = call_claim(EV_OPEN, sizeof(*record));
		if (!slot)
			return;
		record = (struct ev_file_call *)slot->record;
		call_name(slot, &record->name, hook->name);
	}
	if (hook->file)
		open_found(slot, hook->file, flags);
	if (open_has_descriptor(&record->call)) /* and what was asked for is told there */
		return;
	record->arg_flags = flags;
	record->arg_mode = hook->op->mode & 07777;
	call_end(slot, hook->error);
}

static __always_inline void syscalls__open_done(struct hook_open_done *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record;

	if (!slot) {
		if (hook->result >= 0)
			return;
		/* It failed before the kernel had a copy of the path, or for want of a descriptor. */
		slot = call_begin(EV_OPEN, sizeof(*record));
		if (!slot)
			return;
		record = (struct ev_file_call *)slot->record;
		if (tail_user_string(slot, &record->name, hook->filename))
			record->call.flags |= EV_CALL_USER_MEMORY;
	}
	record = (struct ev_file_call *)slot->record;
	if (record->call.header.type != EV_OPEN)
		return;
	/* As they were given: on its way down the kernel takes O_CLOEXEC out. */
	record->arg_flags = hook->how->flags;
	record->arg_mode = hook->how->mode & 07777;
	record->arg_resolve = hook->how->resolve;
	if (hook->result >= 0)
		record->call.header.present |= EV_FILE_HAS_FD;
	call_end(slot, hook->result);
}

/* An attempt of io_uring begins. It may be made while the task is on its way out of any system call. */
static __always_inline void open_ring_enter(__u64 request)
{
	struct record_slot *slot = call_begin(EV_OPEN, sizeof(struct ev_file_call));
	struct io_open *open = (struct io_open *)request;
	struct ev_file_call *record;

	if (!slot)
		return;
	open_rings = 1;
	record = (struct ev_file_call *)slot->record;
	call_by_ring(&record->call);
	record->arg_flags = BPF_CORE_READ(open, how.flags);
	record->arg_mode = BPF_CORE_READ(open, how.mode) & 07777;
	record->arg_resolve = BPF_CORE_READ(open, how.resolve);
	call_name(slot, &record->name, BPF_CORE_READ(open, filename));
}

static __always_inline void syscalls__open_ring(struct hook_open_ring *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, EV_OPEN);

	if (!record)
		return;
	if (hook->done.again)
		return slot_release(slot);
	if (hook->done.result >= 0 && hook->descriptor)
		record->call.header.present |= EV_FILE_HAS_FD;
	call_end(slot, hook->done.result);
}

static __always_inline void syscalls__open_root(struct hook_open_root *hook)
{
	struct ev_file_call *record;
	struct record_slot *slot;

	if (!hook->file)
		return;
	slot = call_begin(EV_OPEN, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_file_call *)slot->record;
	open_found(slot, hook->file, hook->op->open_flag);
	if (open_by_handle(&record->call))
		return;
	record->arg_flags = hook->op->open_flag;
	record->arg_mode = hook->op->mode & 07777;
	call_end(slot, 0);
}

static __always_inline void syscalls__open_handle(struct hook_open_handle *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, EV_OPEN);

	if (!record) {
		if (hook->result >= 0)
			return;
		slot = call_begin(EV_OPEN, sizeof(*record));
		if (!slot)
			return;
		record = (struct ev_file_call *)slot->record;
	}
	record->arg_flags = hook->flags;
	if (hook->result >= 0)
		record->call.header.present |= EV_FILE_HAS_FD;
	call_end(slot, hook->result);
}
