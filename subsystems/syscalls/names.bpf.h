/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations that change names: unlink, rename, mkdir ... Three moments: the kernel has copied the names
 * that were given; it has found the directories and asks whether it may (security_path_*); it is done.
 */
#pragma once

#include "hooks/call_enter.h"
#include "hooks/call_return.h"
#include "syscalls/call.bpf.h"
#include "syscalls/file.bpf.h"

/* As mknod(2) takes it (linux/kdev_t.h: new_decode_dev()). */
static __always_inline __u32 name_device(__u32 device)
{
	return (device & 0xfff00) << 12 | (device & 0xff) | (device >> 12 & 0xfff00);
}

static __always_inline void name_begin(enum ev_type type, __u64 name, __u64 to_name, __u32 mode,
				       __u32 flags, __u32 rdev)
{
	struct record_slot *slot = call_begin(type, sizeof(struct ev_file_call));
	struct ev_file_call *record;

	if (!slot)
		return;
	record = (struct ev_file_call *)slot->record;
	record->arg_mode = mode;
	record->arg_flags = flags;
	record->rdev = rdev;
	call_name(slot, &record->name, (struct filename *)name);
	if (to_name)
		call_name(slot, &record->to_name, (struct filename *)to_name);
}

static __always_inline __u64 name_mount(__u64 directory)
{
	return (__u64)BPF_CORE_READ((struct path *)directory, mnt);
}

/* The file that is there already. */
static __always_inline void name_object(enum ev_type type, __u64 directory, __u64 dentry)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, type);

	if (record)
		object_found(slot, name_mount(directory), dentry);
}

/* The name that is to be; to_path: it is the second of two. */
static __always_inline void name_new(enum ev_type type, bool second, __u64 directory, __u64 dentry)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, type);
	struct ev_path *path;

	if (!record)
		return;
	path = second ? &record->to_path : &record->path;
	path_found(slot, path, name_mount(directory), dentry);
	/* Not there yet, which is no news; some file systems do not even hash such a name. */
	path->flags &= ~EV_PATH_DELETED;
}

/* Whether the function is one of these. */
static __always_inline bool names_enter(struct hook_call_enter *hook)
{
	__u64 *args = hook->args;

	switch (hook->function) {
	case PROBE_do_unlinkat:
		name_begin(EV_UNLINK, args[1], 0, 0, 0, 0);
		return true;
	case PROBE_do_rmdir:
		name_begin(EV_RMDIR, args[1], 0, 0, 0, 0);
		return true;
	case PROBE_do_renameat2:
		name_begin(EV_RENAME, args[1], args[3], 0, args[4], 0);
		return true;
	case PROBE_do_linkat:
		name_begin(EV_LINK, args[1], args[3], 0, args[4], 0);
		return true;
	case PROBE_do_symlinkat:
		name_begin(EV_SYMLINK, args[0], args[2], 0, 0, 0);
		return true;
	case PROBE_do_mkdirat:
		name_begin(EV_MKDIR, args[1], 0, args[2] & 07777, 0, 0);
		return true;
	case PROBE_do_mknodat:
		name_begin(EV_MKNOD, args[1], 0, args[2] & 0177777, 0, name_device(args[3]));
		return true;
	case PROBE_security_path_unlink:
		name_object(EV_UNLINK, args[0], args[1]);
		return true;
	case PROBE_security_path_rmdir:
		name_object(EV_RMDIR, args[0], args[1]);
		return true;
	case PROBE_security_path_rename:
		name_object(EV_RENAME, args[0], args[1]);
		name_new(EV_RENAME, true, args[2], args[3]);
		return true;
	case PROBE_security_path_link: /* both lie in one mount */
		name_object(EV_LINK, args[1], args[0]);
		name_new(EV_LINK, true, args[1], args[2]);
		return true;
	case PROBE_security_path_symlink:
		name_new(EV_SYMLINK, true, args[0], args[1]);
		return true;
	case PROBE_security_path_mkdir:
		name_new(EV_MKDIR, false, args[0], args[1]);
		return true;
	case PROBE_security_path_mknod:
		name_new(EV_MKNOD, false, args[0], args[1]);
		return true;
	default:
		return false;
	}
}

static __always_inline enum ev_type name_type(enum probe_function function)
{
	switch (function) {
	case PROBE_do_unlinkat:
		return EV_UNLINK;
	case PROBE_do_rmdir:
		return EV_RMDIR;
	case PROBE_do_renameat2:
		return EV_RENAME;
	case PROBE_do_linkat:
		return EV_LINK;
	case PROBE_do_symlinkat:
		return EV_SYMLINK;
	case PROBE_do_mkdirat:
		return EV_MKDIR;
	case PROBE_do_mknodat:
		return EV_MKNOD;
	default:
		return EV_NONE;
	}
}

static __always_inline bool names_return(struct hook_call_return *hook)
{
	enum ev_type type = name_type(hook->function);
	struct record_slot *slot;

	if (type == EV_NONE)
		return false;
	slot = pending_find();
	if (call_pending(slot, type))
		call_end(slot, hook->result);
	return true;
}
