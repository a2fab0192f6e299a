/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A file that the kernel has found, from what a probe is given: the mount and the dentry, as plain
 * numbers.
 */
#pragma once

#include "syscalls/call.bpf.h"

/* The path of a name in a mount, as path_append() takes it, when somebody asks for it. */
static __always_inline void path_found(struct record_slot *slot, struct ev_path *to, __u64 mount,
				       __u64 dentry)
{
	struct path path = {.mnt = (struct vfsmount *)mount, .dentry = (struct dentry *)dentry};

	if (paths_left_out(((struct ev_header *)slot->record)->type))
		return;
	path_append(slot, to, &path, plain(bpf_get_current_task_btf()));
}

/* The path, and what is there before the operation. */
static __always_inline void object_found(struct record_slot *slot, __u64 mount, __u64 dentry)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct inode *inode = BPF_CORE_READ((struct dentry *)dentry, d_inode);

	path_found(slot, &record->path, mount, dentry);
	if (!inode)
		return;
	record->inode = BPF_CORE_READ(inode, i_ino);
	record->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode);
	record->file_uid = BPF_CORE_READ(inode, i_uid.val);
	record->file_gid = BPF_CORE_READ(inode, i_gid.val);
	record->call.header.present |= EV_FILE_HAS_OBJECT;
}

static __always_inline void object_found_at(struct record_slot *slot, __u64 path)
{
	object_found(slot, (__u64)BPF_CORE_READ((struct path *)path, mnt),
		     (__u64)BPF_CORE_READ((struct path *)path, dentry));
}
