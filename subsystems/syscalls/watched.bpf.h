/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Is a file one of those that read and write are told of? By its inode; by its name in its directory, so
 * that it stays so when it is replaced; or because it lies beneath a directory.
 */
#pragma once

#include "filter.bpf.h"
#include "hooks/task_file.h"
#include "loop.bpf.h"

#define WATCH_LEVELS 32 /* directories that are looked at on the way up */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4 * WATCH_FILES_MAX); /* the file and its directory, in each set */
	__type(key, struct watched_file);
	__type(value, struct watch_marks);
} watched_files SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2 * WATCH_FILES_MAX);
	__type(key, struct watched_name);
	__type(value, struct watch_marks);
} watched_names SEC(".maps");

static __always_inline __u32 watch_set(const struct watch_marks *marks, __u32 watch)
{
	if (!marks)
		return 0;
	return watch & WATCH_SECOND ? marks->sets[1] : marks->sets[0];
}

static __always_inline __u32 watch_marks_of(struct inode *at, const struct gancho_filter *filter,
					    const bool in_place)
{
	struct inode *inode = typed(at, in_place);
	struct super_block *fs = typed(member_of(inode, i_sb, in_place), in_place);
	struct watched_file key = {
		.inode = member_of(inode, i_ino, in_place),
		.dev = member_of(fs, s_dev, in_place),
	};
	__u64 bit = watch_bit(key.inode, key.dev);

	/* Nearly every file is told by this that it is none of those. */
	if (!(filter->watch_bits[bit / 64 % (WATCH_BITS / 64)] >> bit % 64 & 1))
		return 0;
	return watch_set(bpf_map_lookup_elem(&watched_files, &key), filter->watch);
}

static __always_inline struct dentry *dentry_parent(struct dentry *dentry, const bool in_place)
{
	return member_of(typed(dentry, in_place), d_parent, in_place);
}

static __always_inline struct inode *dentry_inode(struct dentry *dentry, const bool in_place)
{
	return member_of(typed(dentry, in_place), d_inode, in_place);
}

static __always_inline bool watch_name(struct dentry *dentry, struct inode *directory, __u32 watch)
{
	struct watched_name key = {
		.inode = BPF_CORE_READ(directory, i_ino),
		.dev = BPF_CORE_READ(directory, i_sb, s_dev),
		.length = BPF_CORE_READ(dentry, d_name.len),
	};
	__u32 length = key.length;

	if (length > WATCH_NAME_MAX)
		length = WATCH_NAME_MAX;
	bpf_probe_read_kernel(key.start, length, BPF_CORE_READ(dentry, d_name.name));
	return watch_set(bpf_map_lookup_elem(&watched_names, &key), watch) & WATCH_SELF;
}

struct watch_climb {
	struct dentry *dentry;
	const struct gancho_filter *filter;
	__u64 found;
};

static __always_inline long watch_step(struct watch_climb *climb, const bool in_place)
{
	struct dentry *dentry = climb->dentry, *parent = dentry_parent(dentry, in_place);

	climb->found = watch_marks_of(dentry_inode(dentry, in_place), climb->filter, in_place) &
		       WATCH_BENEATH;
	climb->dentry = parent;
	return climb->found || parent == dentry;
}

static long watch_step_in_place(__u64 index, struct watch_climb *climb)
{
	return watch_step(climb, true);
}

static long watch_step_by_helper(__u64 index, struct watch_climb *climb)
{
	return watch_step(climb, false);
}

static __always_inline bool watch_finds(__u64 address, const struct gancho_filter *filter,
					const bool in_place)
{
	const __u32 watch = filter->watch;
	struct file *file = typed((struct file *)address, in_place);
	struct dentry *dentry = member_of(file, f_path.dentry, in_place);
	struct dentry *parent;
	struct inode *directory;

	if (watch_marks_of(member_of(file, f_inode, in_place), filter, in_place) & WATCH_SELF)
		return true;
	if (!(watch & (WATCH_NAMES | WATCH_BENEATH)))
		return false;
	parent = dentry_parent(dentry, in_place);
	if (watch & WATCH_NAMES && parent != dentry) {
		directory = dentry_inode(parent, in_place);
		if (watch_marks_of(directory, filter, in_place) & WATCH_NAMES &&
		    watch_name(dentry, directory, watch))
			return true;
	}
	if (watch & WATCH_BENEATH) {
		struct watch_climb climb = {.dentry = parent, .filter = filter};

		if (in_place)
			loop(WATCH_LEVELS, watch_step_in_place, &climb);
		else
			loop(WATCH_LEVELS, watch_step_by_helper, &climb);
		return climb.found;
	}
	return false;
}

static __always_inline bool file_watched(__u64 file, const struct gancho_filter *filter)
{
	if (!(filter->watch & (WATCH_SELF | WATCH_NAMES | WATCH_BENEATH)))
		return false;
	return reads_in_place ? watch_finds(file, filter, true) : watch_finds(file, filter, false);
}

/* Tells the keeper what the files that it has open for this are called in the kernel. */
static __always_inline void syscalls__task_file(struct hook_task_file *hook)
{
	struct task_struct *task = hook->task;
	struct file *file = hook->file;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct descriptor_file told = {
		.file.inode = BPF_CORE_READ(inode, i_ino),
		.file.dev = BPF_CORE_READ(inode, i_sb, s_dev),
		.fd = hook->fd,
	};

	/*
	 * Where the iterator cannot be told whose descriptors (before 6.1), it goes over everybody's. The
	 * keeper is the one who reads.
	 */
	if (BPF_CORE_READ(task, tgid) == plain(bpf_get_current_task_btf())->tgid)
		bpf_seq_write(hook->seq, &told, sizeof(told));
}
