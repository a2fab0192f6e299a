/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Lineage: which program images led to this process. The kernel forgets it when a parent dies, so it
 * is kept in task storage of the process's leader: a child inherits it at fork, an exec extends it.
 * A double fork changes nothing in it, and it goes with its task.
 *
 * images is a ring: images[newest] is the program that the process runs now, the next one the program
 * that led to it, and so on.
 * For a process that was there before us it is made from its parents as they are now, by the iterator
 * or, when that has not come by yet, at the process's first fork or exec: no process is without one.
 */
#pragma once

#include "filter.bpf.h"
#include "loop.bpf.h"
#include "maps.bpf.h"
#include "task.bpf.h"

#define LINEAGE_PARENTS \
	64	       /* processes looked at on the way up from one that is older than we are */
#define KTHREADD_PID 2 /* whose children the kernel's threads are (init/main.c: rest_init()) */

enum lineage_state {
	LINEAGE_EMPTY = 0,   /* as task storage comes */
	LINEAGE_FILLING = 1, /* somebody is at it on another CPU */
	LINEAGE_READY = 2,
};

struct lineage {
	__u32 state; /* enum lineage_state */
	__u32 depth; /* images so far; may be more than there is room for */
	__u32 watched; /* the filter's process when this one descends from it; else 0, or that of a filter before */
	__u32 compat;	  /* exec under way: called through the 32-bit entry */
	__u32 has_before; /* exec under way: credentials before it */
	__u32 newest;	  /* index into images */
	__u32 ended;	  /* its exit is reported, or will be by whoever has set this */
	__u32 pad;
	__u64 process; /* the nearest image's task, as a plain number, while the lineage is being made */
	struct ev_credentials before;
	struct ev_ancestor images[EV_LINEAGE_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct lineage);
} lineages SEC(".maps");

static __always_inline void image_fill(struct ev_ancestor *image, struct task_struct *leader)
{
	image->start_time = BPF_CORE_READ(leader, start_boottime);
	image->pid = BPF_CORE_READ(leader, tgid);
	image->exec_count = BPF_CORE_READ(leader, self_exec_id);
	BPF_CORE_READ_INTO(&image->comm, leader, comm);
}

struct lineage_climb {
	struct lineage *to;
	struct task_struct *leader;
	__u32 watched_pid;
	__u32 pad;
};

static long lineage_step(__u64 index, struct lineage_climb *climb)
{
	struct task_struct *leader = climb->leader;
	struct lineage *to = climb->to;
	__u32 pid = BPF_CORE_READ(leader, tgid);
	__u32 flags = BPF_CORE_READ(leader, flags);

	if (!pid) /* the idle task, or nothing */
		return 1;
	/* Forked, and nothing executed since: the same image as its parent. So kernel threads are kthreadd. */
	if (pid == KTHREADD_PID || !(flags & PF_FORKNOEXEC)) {
		if (to->depth < EV_LINEAGE_MAX)
			image_fill(&to->images[to->depth & (EV_LINEAGE_MAX - 1)], leader);
		to->depth++;
	}
	if (pid == climb->watched_pid)
		to->watched = pid;
	climb->leader = BPF_CORE_READ(leader, real_parent, group_leader);
	return 0;
}

/* For a process that is older than we are, from its parents as they are now. to->process is set. */
__noinline int lineage_from_parents(struct lineage *to, __u32 watched_pid)
{
	struct lineage_climb climb = {.to = to, .watched_pid = watched_pid};

	if (!to)
		return 0;
	climb.leader = (struct task_struct *)to->process;
	to->depth = 0;
	to->newest = 0;
	loop(LINEAGE_PARENTS, lineage_step, &climb);
	return 0;
}

/*
 * The lineage of a process, made if there is none yet, beginning with `nearest`: the process itself, or
 * its parent when the process has just become another image. NULL when memory ran out, when the kernel's
 * per-CPU guard of task storage was taken (up to 6.1), or while another CPU is making it.
 */
static __always_inline struct lineage *lineage_from(struct task_struct *leader,
						    struct task_struct *nearest,
						    const struct gancho_filter *filter)
{
	struct lineage *lineage;

	lineage = bpf_task_storage_get(&lineages, leader, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!lineage)
		return NULL;
	if (lineage->state == LINEAGE_READY)
		return lineage;
	if (__sync_val_compare_and_swap(&lineage->state, LINEAGE_EMPTY, LINEAGE_FILLING) !=
	    LINEAGE_EMPTY)
		return NULL;
	lineage->process = (__u64)nearest;
	lineage_from_parents(lineage, filter && filter->children ? filter->pid : 0);
	__sync_lock_test_and_set(&lineage->state, LINEAGE_READY);
	return lineage;
}

static __always_inline struct lineage *lineage_of(struct task_struct *leader,
						  const struct gancho_filter *filter)
{
	return lineage_from(leader, leader, filter);
}

static long watched_step(__u64 index, struct lineage_climb *climb)
{
	struct task_struct *leader = climb->leader;
	__u32 pid = BPF_CORE_READ(leader, tgid);

	if (pid == climb->watched_pid)
		climb->to->watched = pid;
	if (!pid || pid == climb->watched_pid)
		return 1;
	climb->leader = BPF_CORE_READ(leader, real_parent, group_leader);
	return 0;
}

/*
 * For a process whose lineage was made before this filter came: does it descend from the filter's
 * process? Its parents as they are now tell; one that they do not reach any more is not found.
 * lineage->process is set.
 */
__noinline int lineage_watch(struct lineage *lineage, __u32 watched_pid)
{
	struct lineage_climb climb = {.to = lineage, .watched_pid = watched_pid};

	if (!lineage)
		return 0;
	climb.leader = (struct task_struct *)lineage->process;
	loop(LINEAGE_PARENTS, watched_step, &climb);
	return 0;
}

/* Does the filter let the process in that has this lineage (NULL: not known)? */
static __always_inline bool filter_lets_in(const struct gancho_filter *filter, __u32 pid,
					   const struct lineage *lineage)
{
	if (filter->pid && pid != filter->pid &&
	    !(filter->children && lineage && lineage->watched == filter->pid))
		return false;
	return filter_cgroup(filter);
}

/* Is an event of that process wanted? */
static __always_inline bool lineage_wanted(const struct gancho_filter *filter, enum ev_type type,
					   __u32 pid, const struct lineage *lineage)
{
	return filter_has(filter, type) && filter_lets_in(filter, pid, lineage);
}

/* Does the filter let the current process in? Its lineage is looked up where the filter needs it. */
static __always_inline bool current_let_in(const struct gancho_filter *filter)
{
	struct lineage *lineage = NULL;

	if (!filter->pid)
		return filter_cgroup(filter);
	if (filter->children)
		lineage = lineage_of(bpf_get_current_task_btf()->group_leader, filter);
	return filter_lets_in(filter, bpf_get_current_pid_tgid() >> 32, lineage);
}

static __always_inline void lineage_lost(void)
{
	__sync_fetch_and_add(&this_account()->lineage_lost, 1);
}

/* The child gets what its parent has. It has not run yet, so nobody else looks at its storage. */
static __always_inline struct lineage *lineage_inherit(struct task_struct *child,
						       const struct lineage *from)
{
	struct lineage *to;

	to = bpf_task_storage_get(&lineages, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!to)
		return NULL;
	to->depth = from->depth;
	to->newest = from->newest;
	to->watched = from->watched;
	__builtin_memcpy(to->images, from->images, sizeof(to->images));
	__sync_lock_test_and_set(&to->state, LINEAGE_READY);
	return to;
}

/* A new image in front of the others; the oldest gives way. */
static __always_inline void lineage_extend(struct lineage *lineage, struct task_struct *leader)
{
	lineage->newest = (lineage->newest - 1) & (EV_LINEAGE_MAX - 1);
	image_fill(&lineage->images[lineage->newest & (EV_LINEAGE_MAX - 1)], leader);
	lineage->depth++;
}

/* The images in order, nearest first. False when there are more than could be kept. */
static __always_inline bool lineage_append(struct record_slot *slot, struct ev_string *to,
					   const struct lineage *lineage)
{
	__u32 images = lineage->depth < EV_LINEAGE_MAX ? lineage->depth : EV_LINEAGE_MAX;
	__u32 newest = lineage->newest & (EV_LINEAGE_MAX - 1);
	__u32 first = EV_LINEAGE_MAX - newest; /* up to the end of the ring */
	struct ev_string rest = {};

	if (first > images)
		first = images;
	tail_align(slot);
	tail_kernel_bytes(slot, to, &lineage->images[newest], first * sizeof(struct ev_ancestor));
	if (images > first && tail_kernel_bytes(slot, &rest, lineage->images,
						(images - first) * sizeof(struct ev_ancestor)))
		to->length += rest.length;
	return lineage->depth <= EV_LINEAGE_MAX;
}
