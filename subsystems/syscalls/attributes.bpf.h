/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations that change what a file is, and those that change where a process or a file system is:
 * chmod, chown, truncate, setxattr, removexattr; chdir, chroot, mount, umount, move_mount, pivot_root.
 *
 * Two moments. The kernel has found the file: a function that has it in its hands is entered, and what
 * is acted on is known. The system call comes back: its plain arguments are still in the registers that the
 * task came with; names as given are in the task's memory only.
 */
#pragma once

#include "hooks/call_enter.h"
#include "hooks/call_return.h"
#include "hooks/ring_done.h"
#include "hooks/syscall_enter.h"
#include "syscalls/file.bpf.h"

#define MS_MGC_VAL 0xc0ed0000 /* uapi/linux/mount.h */
#define MS_MGC_MSK 0xffff0000
#define IO_URING_F_NONBLOCK_BIT 0x80000000 /* linux/io_uring_types.h: IO_URING_F_NONBLOCK */

/* Where a return finds what was asked: numbers of the system call's arguments, from 1 on; 0: nowhere. */
struct asked {
	__u8 type; /* enum ev_type; 0: not ours */
	__u8 name;
	__u8 to_name;
	__u8 attribute;
	__u8 mode;
	__u8 owner; /* the group is the next one */
	__u8 length;
	__u8 flags;
	__u8 at_flags;
};

static const struct asked asked_at_return[] = {
	[PROBE_sys_chmod] = {.type = EV_CHMOD, .name = 1, .mode = 2},
	[PROBE_sys_fchmod] = {.type = EV_CHMOD, .mode = 2},
	[PROBE_sys_fchmodat] = {.type = EV_CHMOD, .name = 2, .mode = 3},
	[PROBE_sys_fchmodat2] = {.type = EV_CHMOD, .name = 2, .mode = 3, .at_flags = 4},
	[PROBE_do_fchownat] = {.type = EV_CHOWN, .name = 1, .owner = 2},
	[PROBE_ksys_fchown] = {.type = EV_CHOWN, .owner = 2},
	[PROBE_sys_truncate] = {.type = EV_TRUNCATE, .name = 1, .length = 2},
	[PROBE_sys_ia32_truncate64] = {.type = EV_TRUNCATE, .name = 1, .length = 2},
	[PROBE_do_sys_ftruncate] = {.type = EV_TRUNCATE, .length = 2},
	[PROBE_path_setxattr] =
		{.type = EV_SETXATTR, .name = 1, .attribute = 2, .length = 4, .flags = 5},
	[PROBE_sys_fsetxattr] = {.type = EV_SETXATTR, .attribute = 2, .length = 4, .flags = 5},
	[PROBE_path_removexattr] = {.type = EV_REMOVEXATTR, .name = 1, .attribute = 2},
	[PROBE_sys_fremovexattr] = {.type = EV_REMOVEXATTR, .attribute = 2},
	[PROBE_sys_chdir] = {.type = EV_CHDIR, .name = 1},
	[PROBE_sys_fchdir] = {.type = EV_CHDIR},
	[PROBE_sys_chroot] = {.type = EV_CHROOT, .name = 1},
	[PROBE_sys_mount] = {.type = EV_MOUNT, .to_name = 1, .name = 2, .attribute = 3, .flags = 4},
	[PROBE_sys_umount] = {.type = EV_UMOUNT, .name = 1, .flags = 2},
	[PROBE_sys_oldumount] = {.type = EV_UMOUNT, .name = 1},
	[PROBE_sys_move_mount] = {.type = EV_MOVE_MOUNT, .name = 2, .to_name = 4, .flags = 5},
	[PROBE_sys_pivot_root] = {.type = EV_PIVOT_ROOT, .name = 1, .to_name = 2},
};

static __always_inline struct record_slot *attribute_begin(enum ev_type type)
{
	return call_begin(type, sizeof(struct ev_file_call));
}

/* The file is known: an operation that needs no more than that. */
static __always_inline void attribute_at(enum ev_type type, __u64 path)
{
	struct record_slot *slot = attribute_begin(type);

	if (slot)
		object_found_at(slot, path);
}

/* The task is in this system call, by the 64-bit or the 32-bit table. */
static __always_inline bool in_call(__u32 number64, __u32 number32)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	if (task->thread_info.status & TS_COMPAT)
		return regs->orig_ax == number32;
	return (regs->orig_ax & ~X32_SYSCALL_BIT) == number64;
}

/* ftruncate has its file: 6.9 and later. A worker of io_uring has nothing around it. */
static __always_inline void truncate_file(__u64 file)
{
	attribute_at(EV_TRUNCATE,
		     (__u64)__builtin_preserve_access_index(&((struct file *)file)->f_path));
}

static __always_inline void truncate_file_length(__u64 length)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, EV_TRUNCATE);

	if (record)
		record->length = length;
}

/* The record of an extended attribute that is under way and has not found its file yet. */
static __always_inline struct record_slot *xattr_pending(void)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record;

	if (!slot)
		return NULL;
	record = (struct ev_file_call *)slot->record;
	if (record->call.header.type != EV_SETXATTR && record->call.header.type != EV_REMOVEXATTR)
		return NULL;
	return record->path.offset ? NULL : slot;
}

/* The mount, which who acts on the attribute is not told. */
static __always_inline void xattr_mount(__u64 mount)
{
	struct record_slot *slot = xattr_pending();

	if (slot)
		slot->path.mount = container_of((struct vfsmount *)mount, struct mount, mnt);
}

static __always_inline void xattr_found(__u64 dentry, __u64 name, __u64 size, __u64 flags)
{
	struct record_slot *slot = xattr_pending();
	struct ev_file_call *record;
	struct mount *mount;

	if (!slot || !slot->path.mount)
		return;
	record = (struct ev_file_call *)slot->record;
	record->length = size;
	record->flags = flags;
	mount = slot->path.mount;
	object_found(slot, (__u64)__builtin_preserve_access_index(&mount->mnt), dentry);
	tail_kernel_string(slot, &record->attribute, (const void *)name);
}

static __always_inline void xattr_set(__u64 dentry, __u64 asked)
{
	struct xattr_ctx *ctx = (struct xattr_ctx *)asked;

	xattr_found(dentry, (__u64)BPF_CORE_READ(ctx, kname), BPF_CORE_READ(ctx, size),
		    BPF_CORE_READ(ctx, flags));
}

static __always_inline void xattr_begin(enum ev_type type)
{
	struct record_slot *slot = attribute_begin(type);

	if (slot)
		slot->path.mount = NULL;
}

/* By a descriptor: fsetxattr and fremovexattr come by here once, and so does io_uring. */
static __always_inline void xattr_file(__u64 file)
{
	if (in_call(190, 228))
		xattr_begin(EV_SETXATTR);
	else if (in_call(199, 237))
		xattr_begin(EV_REMOVEXATTR);
	xattr_mount((__u64)BPF_CORE_READ((struct file *)file, f_path.mnt));
}

/* By io_uring, which has copied the names. */
static __always_inline void xattr_ring(__u64 request, __u32 flags)
{
	struct io_xattr *asked = (struct io_xattr *)request; /* in front of everything else */
	struct ev_file_call *record;
	struct record_slot *slot;

	if (flags & IO_URING_F_NONBLOCK_BIT) /* comes back at once, for a worker */
		return;
	slot = attribute_begin(EV_SETXATTR);
	if (!slot)
		return;
	slot->path.mount = NULL;
	record = (struct ev_file_call *)slot->record;
	call_by_ring(&record->call);
	call_name(slot, &record->name, BPF_CORE_READ(asked, filename));
}

static __always_inline struct mount *mount_of(__u64 path)
{
	return container_of(BPF_CORE_READ((struct path *)path, mnt), struct mount, mnt);
}

/* What a mount is of. */
static __always_inline void mount_fill(struct record_slot *slot, __u64 path)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct mount *mount = mount_of(path);

	tail_kernel_string(slot, &record->attribute,
			   BPF_CORE_READ(mount, mnt.mnt_sb, s_type, name));
	tail_kernel_string(slot, &record->data, BPF_CORE_READ(mount, mnt_devname));
}

static __always_inline void mount_begin(__u64 *args)
{
	struct ev_file_call *record;
	struct record_slot *slot;

	if (!in_call(165, 21)) /* the kernel mounts something for itself */
		return;
	slot = attribute_begin(EV_MOUNT);
	if (!slot)
		return;
	record = (struct ev_file_call *)slot->record;
	object_found_at(slot, args[1]);
	if (args[0])
		tail_kernel_string(slot, &record->to_name, (const void *)args[0]);
	if (args[2])
		tail_kernel_string(slot, &record->attribute, (const void *)args[2]);
	if (args[4])
		tail_kernel_string(slot, &record->data, (const void *)args[4]);
}

/* Of a mount that there is: it goes, or to another place. */
static __always_inline void mounted_begin(enum ev_type type, __u64 path, __u64 to_path)
{
	struct record_slot *slot = attribute_begin(type);
	struct ev_file_call *record;

	if (!slot)
		return;
	record = (struct ev_file_call *)slot->record;
	object_found_at(slot, path);
	if (to_path)
		path_found(slot, &record->to_path,
			   (__u64)BPF_CORE_READ((struct path *)to_path, mnt),
			   (__u64)BPF_CORE_READ((struct path *)to_path, dentry));
	mount_fill(slot, path);
}

/* Whether the function is one of these. */
static __always_inline bool attributes_enter(struct hook_call_enter *hook)
{
	__u64 *args = hook->args;

	switch (hook->function) {
	case PROBE_chmod_common:
		attribute_at(EV_CHMOD, args[0]);
		return true;
	case PROBE_chown_common:
		attribute_at(EV_CHOWN, args[0]);
		return true;
	case PROBE_vfs_truncate: /* the kernel's own file servers come by here, too */
		if (in_call(76, 92) || in_call(76, 193))
			attribute_at(EV_TRUNCATE, args[0]);
		return true;
	case PROBE_do_ftruncate:
		truncate_file(args[0]);
		truncate_file_length(args[1]);
		return true;
	case PROBE_security_path_truncate: /* up to 6.8 or so ftruncate comes by here, too */
		if (in_call(77, 93) || in_call(77, 194))
			attribute_at(EV_TRUNCATE, args[0]);
		return true;
	case PROBE_path_setxattr:
		xattr_begin(EV_SETXATTR);
		return true;
	case PROBE_path_removexattr:
		xattr_begin(EV_REMOVEXATTR);
		return true;
	case PROBE_io_setxattr:
	case PROBE_io_fsetxattr:
		xattr_ring(args[0], args[1]);
		return true;
	case PROBE_mnt_want_write:
		xattr_mount(args[0]);
		return true;
	case PROBE_mnt_want_write_file:
		xattr_file(args[0]);
		return true;
	case PROBE_do_setxattr:
		xattr_set(args[1], args[2]);
		return true;
	case PROBE_vfs_removexattr:
	case PROBE_vfs_remove_acl:
		xattr_found(args[1], args[2], 0, 0);
		return true;
	case PROBE_set_fs_pwd:
		if (in_call(80, 12) || in_call(81, 133)) /* setns(2) moves it, too */
			attribute_at(EV_CHDIR, args[1]);
		return true;
	case PROBE_security_path_chroot:
		attribute_at(EV_CHROOT, args[0]);
		return true;
	case PROBE_path_mount:
		mount_begin(args);
		return true;
	case PROBE_path_umount:
		mounted_begin(EV_UMOUNT, args[0], 0);
		return true;
	case PROBE_security_move_mount:
		mounted_begin(EV_MOVE_MOUNT, args[0], args[1]);
		return true;
	case PROBE_security_sb_pivotroot: /* put_old, new_root */
		mounted_begin(EV_PIVOT_ROOT, args[1], args[0]);
		return true;
	default:
		return false;
	}
}

/* 0: none. */
static __always_inline __u64 asked_argument(const __u64 args[6], __u32 n)
{
	switch (n) {
	case 1:
		return args[0];
	case 2:
		return args[1];
	case 3:
		return args[2];
	case 4:
		return args[3];
	case 5:
		return args[4];
	default:
		return 0;
	}
}

/* The length that a truncate was asked for: 32-bit callers give it in one register or in two. */
static __always_inline __u64 asked_length(const struct ev_call *call, const __u64 args[6], __u32 n)
{
	__u64 low = asked_argument(args, n);

	if (!(call->flags & EV_CALL_COMPAT) || call->header.type != EV_TRUNCATE)
		return low;
	if (call->syscall == 193 || call->syscall == 194)
		return low | asked_argument(args, n + 1) << 32;
	return (__s64)(__s32)low;
}

/* 16-bit system calls: chown, lchown, fchown. */
static __always_inline __u32 asked_owner(const struct ev_call *call, __u64 id)
{
	if (!(call->flags & EV_CALL_COMPAT) ||
	    (call->syscall != 182 && call->syscall != 16 && call->syscall != 95))
		return id;
	return (id & 0xffff) == 0xffff ? (__u32)-1 : id & 0xffff;
}

/* fchownat: the directory comes first, flags last. */
static __always_inline bool asked_of_fchownat(const struct ev_call *call)
{
	return call->header.type == EV_CHOWN &&
	       call_number(call) == (call->flags & EV_CALL_COMPAT ? 298 : 260);
}

static __always_inline __u64 asked_flags(__u32 type, __u64 flags)
{
	if (type != EV_MOUNT)
		return (__u32)flags;
	/* Needed before Linux 2.4, ignored since. */
	return (flags & MS_MGC_MSK) == MS_MGC_VAL ? flags & ~MS_MGC_MSK : flags;
}

static __always_inline void asked_fill(struct record_slot *slot, const struct asked *at,
				       const __u64 args[6])
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct ev_call *call = &record->call;
	__u32 first = asked_of_fchownat(call);

	if (at->name)
		call_user_name(slot, &record->name, asked_argument(args, at->name + first));
	if (at->to_name && !record->to_name.offset)
		call_user_name(slot, &record->to_name, asked_argument(args, at->to_name));
	if (at->attribute && !record->attribute.offset)
		call_user_name(slot, &record->attribute, asked_argument(args, at->attribute));
	if (at->mode)
		record->arg_mode = asked_argument(args, at->mode) & 07777;
	if (at->owner) {
		record->arg_uid = asked_owner(call, asked_argument(args, at->owner + first));
		record->arg_gid = asked_owner(call, asked_argument(args, at->owner + first + 1));
	}
	if (at->length)
		record->length = asked_length(call, args, at->length);
	if (at->flags)
		record->flags = asked_flags(at->type, asked_argument(args, at->flags));
	if (at->at_flags || first)
		record->arg_flags = asked_argument(args, first ? 5 : at->at_flags);
}

/* Whether the function is one of these. args: of the system call that the task is in. */
static __always_inline bool attributes_return(enum probe_function function, long result,
					      const __u64 args[6])
{
	struct record_slot *slot;
	__u64 index = (__u32)function;
	const struct asked *at;
	struct ev_call *call;

	if (function == PROBE_do_ftruncate) {
		slot = pending_find();
		call = call_pending(slot, EV_TRUNCATE);
		if (call && call->flags & EV_CALL_IO_URING) /* else its system call comes next */
			call_end(slot, result);
		return true;
	}
	barrier_var(index); /* what is compared is what is used, for the verifier */
	if (index >= sizeof(asked_at_return) / sizeof(asked_at_return[0]))
		return false;
	at = &asked_at_return[index];
	if (!at->type)
		return false;
	slot = pending_find();
	if (!call_pending(slot, at->type)) {
		if (result >= 0)
			return true;
		slot = attribute_begin(at->type);
		if (!slot)
			return true;
	}
	asked_fill(slot, at, args);
	call_end(slot, result);
	return true;
}

static __always_inline void syscalls__ring_done(struct hook_ring_done *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, EV_SETXATTR);

	if (!record)
		return;
	if (hook->again)
		return slot_release(slot);
	call_end(slot, hook->result);
}
