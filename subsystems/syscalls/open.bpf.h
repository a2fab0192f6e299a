/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * open: what was found is read from the file itself, the name from the kernel's own copy, both before
 * any other thread can reach them. Only the descriptor comes later.
 */
#pragma once

#include "hooks/open_done.h"
#include "hooks/open_return.h"
#include "syscalls/call.bpf.h"

#define FMODE_EXEC_FLAG \
	0x20 /* __FMODE_EXEC in open_flag: execve(2) and uselib(2) open (linux/fs.h) */
#define FMODE_CREATED 0x100000 /* linux/fs.h */

/* Does the current task come through do_sys_openat2()? It then gets a descriptor there. */
static __always_inline bool open_has_descriptor(const struct ev_call *call)
{
	if (call->flags & EV_CALL_IO_URING)
		return false;
	if (call->flags & EV_CALL_COMPAT) /* open, creat, openat, openat2 */
		return call->syscall == 5 || call->syscall == 8 || call->syscall == 295 ||
		       call->syscall == 437;
	return call->syscall == 2 || call->syscall == 85 || call->syscall == 257 ||
	       call->syscall == 437;
}

static __always_inline void file_fill(struct ev_file_call *record, struct inode *inode)
{
	record->inode = inode->i_ino;
	record->dev = inode->i_sb->s_dev;
	record->mode = inode->i_mode;
	record->call.header.present |= EV_FILE_HAS_OBJECT;
}

static __always_inline void syscalls__open_return(struct hook_open_return *hook)
{
	struct task_struct *task;
	struct ev_file_call *record;
	struct record_slot *slot;
	struct file *file;

	if (hook->op->open_flag & FMODE_EXEC_FLAG) /* an exec is a record of its own */
		return;
	slot = call_begin(EV_OPEN, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_file_call *)slot->record;
	record->arg_flags = hook->op->open_flag;
	record->arg_mode = hook->op->mode & 07777;
	call_name(slot, &record->name, hook->name);
	if (hook->file) {
		file = plain(hook->file);
		task = plain(bpf_get_current_task_btf());
		file_fill(record, file->f_inode);
		path_append(slot, &record->path, &file->f_path, task);
		if (file->f_mode & FMODE_CREATED)
			record->call.flags |= EV_CALL_CREATED;
	}
	if (!open_has_descriptor(&record->call))
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
		record->call.flags |= EV_CALL_USER_MEMORY;
		record->arg_mode = hook->how->mode & 07777;
		tail_user_string(slot, &record->name, hook->filename);
	}
	record = (struct ev_file_call *)slot->record;
	if (record->call.header.type != EV_OPEN)
		return;
	/* As they were given: on its way down the kernel takes O_CLOEXEC out. */
	record->arg_flags = hook->how->flags;
	if (hook->result >= 0)
		record->call.header.present |= EV_FILE_HAS_FD;
	call_end(slot, hook->result);
}
