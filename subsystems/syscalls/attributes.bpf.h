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
#include "syscalls/file.bpf.h"

#define IO_URING_F_NONBLOCK_BIT 0x80000000 /* linux/io_uring_types.h: IO_URING_F_NONBLOCK */

/* Where the return of a function finds what was asked: numbers of arguments, from 1 on; 0: nowhere. */
struct asked {
	__u8 type; /* enum ev_type; 0: not ours */
	__u8 name;
	__u8 to_name;
	__u8 attribute;
	__u8 mode;
	__u8 owner; /* the group is the next one */
	__u8 length;
	__u8 flags;
};

#define ASKED(call, ...) \
	[PROBE___x64_sys_##call] = {__VA_ARGS__}, [PROBE___ia32_sys_##call] = {__VA_ARGS__}

static const struct asked asked_at_return[] = {
	ASKED(chmod, .type = EV_CHMOD, .name = 1, .mode = 2),
	ASKED(fchmod, .type = EV_CHMOD, .mode = 2),
	ASKED(fchmodat, .type = EV_CHMOD, .name = 2, .mode = 3),
	ASKED(fchmodat2, .type = EV_CHMOD, .name = 2, .mode = 3, .flags = 4),
	[PROBE_do_fchownat] = {.type = EV_CHOWN, .name = 1, .owner = 2},
	[PROBE_ksys_fchown] = {.type = EV_CHOWN, .owner = 2},
	[PROBE___x64_sys_truncate] = {.type = EV_TRUNCATE, .name = 1, .length = 2},
	[PROBE___ia32_compat_sys_truncate] = {.type = EV_TRUNCATE, .name = 1, .length = 2},
	[PROBE___ia32_sys_ia32_truncate64] = {.type = EV_TRUNCATE, .name = 1, .length = 2},
	[PROBE_do_sys_ftruncate] = {.type = EV_TRUNCATE, .length = 2},
	[PROBE_path_setxattr] =
		{.type = EV_SETXATTR, .name = 1, .attribute = 2, .length = 4, .flags = 5},
	ASKED(fsetxattr, .type = EV_SETXATTR, .attribute = 2, .length = 4, .flags = 5),
	[PROBE_path_removexattr] = {.type = EV_REMOVEXATTR, .name = 1, .attribute = 2},
	ASKED(fremovexattr, .type = EV_REMOVEXATTR, .attribute = 2),
	ASKED(chdir, .type = EV_CHDIR, .name = 1),
	ASKED(fchdir, .type = EV_CHDIR),
	ASKED(chroot, .type = EV_CHROOT, .name = 1),
	ASKED(mount, .type = EV_MOUNT, .to_name = 1, .name = 2, .attribute = 3, .flags = 4),
	ASKED(umount, .type = EV_UMOUNT, .name = 1, .flags = 2),
	[PROBE___ia32_sys_oldumount] = {.type = EV_UMOUNT, .name = 1},
	ASKED(move_mount, .type = EV_MOVE_MOUNT, .name = 2, .to_name = 4, .flags = 5),
	ASKED(pivot_root, .type = EV_PIVOT_ROOT, .name = 1, .to_name = 2),
};

#undef ASKED

static __always_inline struct record_slot *attribute_begin(enum ev_type type)
{
	return call_begin(type, sizeof(struct ev_file_call));
}

/* The file is known: an operation that needs no more than that. */
static __always_inline void attribute_at(enum ev_type type, __u64 path)
{
	struct record_slot *slot = attribute_begin(type);

	if (slot)
		file_found_at(slot, path);
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
		slot->path.vfsmount = mount;
}

static __always_inline void xattr_found(__u64 dentry, __u64 name, __u64 size, __u64 flags)
{
	struct record_slot *slot = xattr_pending();
	struct ev_file_call *record;

	if (!slot || !slot->path.vfsmount)
		return;
	record = (struct ev_file_call *)slot->record;
	record->length = size;
	record->arg_flags = flags;
	file_found(slot, slot->path.vfsmount, dentry);
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
		slot->path.vfsmount = 0;
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
	slot->path.vfsmount = 0;
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
	file_found_at(slot, args[1]);
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
	file_found_at(slot, path);
	if (to_path)
		path_found(slot, &record->to_path,
			   (__u64)BPF_CORE_READ((struct path *)to_path, mnt),
			   (__u64)BPF_CORE_READ((struct path *)to_path, dentry));
	mount_fill(slot, path);
}

static __always_inline void attributes_enter(struct hook_call_enter *hook)
{
	__u64 *args = hook->args;

	switch (hook->function) {
	case PROBE_chmod_common:
		return attribute_at(EV_CHMOD, args[0]);
	case PROBE_chown_common:
		return attribute_at(EV_CHOWN, args[0]);
	case PROBE_vfs_truncate:
		return attribute_at(EV_TRUNCATE, args[0]);
	case PROBE_do_ftruncate:
		truncate_file(args[0]);
		return truncate_file_length(args[1]);
	case PROBE_security_path_truncate: /* up to 6.8 or so ftruncate comes by here, too */
		if (in_call(77, 93) || in_call(77, 194))
			attribute_at(EV_TRUNCATE, args[0]);
		return;
	case PROBE_path_setxattr:
	case PROBE___x64_sys_fsetxattr:
	case PROBE___ia32_sys_fsetxattr:
		return xattr_begin(EV_SETXATTR);
	case PROBE_path_removexattr:
	case PROBE___x64_sys_fremovexattr:
	case PROBE___ia32_sys_fremovexattr:
		return xattr_begin(EV_REMOVEXATTR);
	case PROBE_io_setxattr:
	case PROBE_io_fsetxattr:
		return xattr_ring(args[0], args[1]);
	case PROBE_mnt_want_write:
		return xattr_mount(args[0]);
	case PROBE_mnt_want_write_file:
		return xattr_mount((__u64)BPF_CORE_READ((struct file *)args[0], f_path.mnt));
	case PROBE_do_setxattr:
		return xattr_set(args[1], args[2]);
	case PROBE_vfs_removexattr:
	case PROBE_vfs_remove_acl:
		return xattr_found(args[1], args[2], 0, 0);
	case PROBE_set_fs_pwd:
		if (in_call(80, 12) || in_call(81, 133)) /* setns(2) moves it, too */
			attribute_at(EV_CHDIR, args[1]);
		return;
	case PROBE_security_path_chroot:
		return attribute_at(EV_CHROOT, args[0]);
	case PROBE_path_mount:
		return mount_begin(args);
	case PROBE_path_umount:
		return mounted_begin(EV_UMOUNT, args[0], 0);
	case PROBE_security_move_mount:
		return mounted_begin(EV_MOVE_MOUNT, args[0], args[1]);
	case PROBE_security_sb_pivotroot: /* put_old, new_root */
		return mounted_begin(EV_PIVOT_ROOT, args[1], args[0]);
	default:
		return;
	}
}

/* The length that a truncate was asked for: 32-bit callers give it in one register or in two. */
static __always_inline __u64 asked_length(const struct ev_call *call, __u32 n)
{
	__u64 low = call_argument(call, n);

	if (!(call->flags & EV_CALL_COMPAT) || call->header.type != EV_TRUNCATE)
		return low;
	if (call->syscall == 193 || call->syscall == 194)
		return low | call_argument(call, n + 1) << 32;
	return (__s64)(__s32)low;
}

/* 16-bit system calls: chown, lchown, fchown. */
static __always_inline __u32 asked_owner(const struct ev_call *call, __u32 n)
{
	__u64 id = call_argument(call, n);

	if (!(call->flags & EV_CALL_COMPAT) ||
	    (call->syscall != 182 && call->syscall != 16 && call->syscall != 95))
		return id;
	return (id & 0xffff) == 0xffff ? (__u32)-1 : id & 0xffff;
}

static __always_inline void asked_fill(struct record_slot *slot, const struct asked *at)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct ev_call *call = &record->call;
	__u32 number = call_number(call);
	/* fchownat: the directory comes first, flags last. */
	__u32 first = at->type == EV_CHOWN && number == (call->flags & EV_CALL_COMPAT ? 298 : 260);

	if (at->name)
		call_user_name(slot, &record->name, at->name + first);
	if (at->to_name && !record->to_name.offset)
		call_user_name(slot, &record->to_name, at->to_name);
	if (at->attribute && !record->attribute.offset)
		call_user_name(slot, &record->attribute, at->attribute);
	if (at->mode)
		record->arg_mode = call_argument(call, at->mode) & 07777;
	if (at->owner) {
		record->arg_uid = asked_owner(call, at->owner + first);
		record->arg_gid = asked_owner(call, at->owner + first + 1);
	}
	if (at->length)
		record->length = asked_length(call, at->length);
	if (at->flags || first)
		record->arg_flags = call_argument(call, first ? 5 : at->flags);
}

static __always_inline void attributes_return(struct hook_call_return *hook)
{
	__u32 function = hook->function;
	const struct asked *at;
	struct record_slot *slot;

	if (function ==
	    PROBE_do_ftruncate) { /* its system call comes after it, io_uring does not */
		struct ev_call *call = call_pending(slot = pending_find(), EV_TRUNCATE);

		if (call && call->flags & EV_CALL_IO_URING)
			call_end(slot, hook->result);
		return;
	}
	if (function >= sizeof(asked_at_return) / sizeof(asked_at_return[0]))
		return;
	at = &asked_at_return[function];
	if (!at->type)
		return;
	slot = pending_find();
	if (!call_pending(slot, at->type)) {
		if (hook->result >= 0)
			return;
		slot = attribute_begin(at->type);
		if (!slot)
			return;
	}
	asked_fill(slot, at);
	call_end(slot, hook->result);
}

static __always_inline void syscalls__ring_done(struct hook_ring_done *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_file_call *record = call_pending(slot, EV_SETXATTR);

	if (record && !hook->again)
		call_end(slot, hook->result);
}
