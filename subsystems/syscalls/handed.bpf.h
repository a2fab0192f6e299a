/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Descriptors that a program did not open itself: they were there when it was executed, or another
 * process has sent them. A child that was forked and has executed nothing is the same program.
 *
 * Open files are told by their address, which the next one may get: so each that was ever handed over has
 * a time of its own, which goes with it. Pipes and terminals are left out: a shell hands those to everything.
 */
#pragma once

#include "hooks/file_free.h"
#include "hooks/file_receive.h"
#include "hooks/sched_process_exec.h"
#include "lineage.bpf.h"
#include "syscalls/syscalls.h"

#define HANDED_FILES 8192      /* open files, and pairs of a file and a program */
#define HANDED_DESCRIPTORS 256 /* looked at when a program is executed */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, HANDED_FILES);
	__type(key, __u64);   /* address of the struct file */
	__type(value, __u64); /* when it was first handed over, boot clock, ns */
} handed_files SEC(".maps");

/* A file, and the program image that it was handed to (struct ev_ancestor). */
struct handed_key {
	__u64 file;
	__u64 start_time;
	__u32 pid;
	__u32 exec_count;
};

struct handed {
	__u64 time; /* of handed_files */
	__u32 how;  /* EV_ORIGIN_* */
	__u32 pad;
};

/* Whoever is longest not asked for goes first. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HANDED_FILES);
	__type(key, struct handed_key);
	__type(value, struct handed);
} handed_to SEC(".maps");

static __always_inline bool handed_key_fill(struct handed_key *key, __u64 file,
					    struct task_struct *leader,
					    const struct gancho_filter *filter)
{
	struct lineage *lineage = lineage_of(leader, filter);
	const struct ev_ancestor *image;

	if (!lineage)
		return false;
	image = &lineage->images[lineage->newest & (EV_LINEAGE_MAX - 1)];
	key->file = file;
	key->start_time = image->start_time;
	key->pid = image->pid;
	key->exec_count = image->exec_count;
	return true;
}

static __always_inline void handed_lost(void)
{
	__sync_fetch_and_add(&this_account()->handed_lost, 1);
}

static __always_inline void handed_put(const struct handed_key *key, __u32 how)
{
	__u64 file = key->file, now = bpf_ktime_get_boot_ns(), *time;
	__u32 type = BPF_CORE_READ((struct file *)file, f_inode, i_mode) & S_IFMT;
	struct handed handed = {.how = how};

	if (type != S_IFREG && type != S_IFBLK && type != S_IFSOCK)
		return;
	time = bpf_map_lookup_elem(&handed_files, &file);
	if (!time) {
		bpf_map_update_elem(&handed_files, &file, &now, BPF_NOEXIST);
		time = bpf_map_lookup_elem(&handed_files, &file);
	}
	if (!time)
		return handed_lost();
	handed.time = *time;
	bpf_map_update_elem(&handed_to, key, &handed, BPF_ANY);
}

/* EV_ORIGIN_* of the file for the current program; 0 when it is its own, or not known. */
static __always_inline __u32 handed_over(__u64 file, const struct gancho_filter *filter)
{
	__u64 *time = bpf_map_lookup_elem(&handed_files, &file);
	struct handed_key key;
	struct handed *handed;

	if (!time || !handed_key_fill(&key, file, bpf_get_current_task_btf()->group_leader, filter))
		return 0;
	handed = bpf_map_lookup_elem(&handed_to, &key);
	return handed && handed->time == *time ? handed->how : 0;
}

struct handed_walk {
	struct handed_key key;
	struct file **descriptors;
	__u32 count;
	__u32 pad;
};

static long handed_step(__u64 index, struct handed_walk *walk)
{
	struct file *file = NULL;

	if (index >= walk->count)
		return 1;
	bpf_probe_read_kernel(&file, sizeof(file), walk->descriptors + index);
	walk->key.file = (__u64)file;
	if (file)
		handed_put(&walk->key, EV_ORIGIN_INHERITED);
	return 0;
}

/* Those that were to be closed by it are closed, and the process room has made the new image. */
static __always_inline void syscalls__sched_process_exec(struct hook_sched_process_exec *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct task_struct *task = hook->task;
	struct handed_walk walk = {};
	struct fdtable *table;

	if (!filter_has(filter, EV_HANDED_OVER) ||
	    !handed_key_fill(&walk.key, 0, hook->trusted, filter))
		return;
	table = BPF_CORE_READ(task, files, fdt);
	walk.descriptors = BPF_CORE_READ(table, fd);
	walk.count = BPF_CORE_READ(table, max_fds);
	loop(HANDED_DESCRIPTORS, handed_step, &walk);
}

static __always_inline void syscalls__file_receive(struct hook_file_receive *hook)
{
	const struct gancho_filter *filter = filter_now();
	struct handed_key key;

	if (filter_has(filter, EV_HANDED_OVER) &&
	    handed_key_fill(&key, (__u64)hook->file, bpf_get_current_task_btf()->group_leader,
			    filter))
		handed_put(&key, EV_ORIGIN_RECEIVED);
}

static __always_inline void syscalls__file_free(struct hook_file_free *hook)
{
	bpf_map_delete_elem(&handed_files, &hook->file);
}
