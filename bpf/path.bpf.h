/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The path walker: from a dentry up to the root, across mounts, into a record's tail.
 *
 * One walk gives both paths: as the process sees it (below its root directory) and as far up as the
 * mount tree goes. It mirrors prepend_path() of fs/d_path.c, without its locks: each name is read together with
 * its directory as they were at one moment (d_seq), but the moments of two names differ. bpf_d_path() would
 * hold the locks, but few hooks allow it (docs/decisions/0005-path-walker.md).
 *
 * Pointers are plain numbers here: after the first mount point they come from memory that the
 * verifier knows no type for, and a global function, which it checks only once, takes no others. Where it can be
 * told the type of a number the kernel is read in place, otherwise with helpers (`in_place`, see core.bpf.h).
 */
#pragma once

#include "loop.bpf.h"
#include "tail.bpf.h"

#define PATH_MAX_STEPS 512 /* names and mount points on the way up */
#define PATH_FIRST_STEPS 8
#define PATH_SHORT_BYTES 128 /* of a path: so many are copied in words, more by a helper */

#define PATH_NOT_MET 0xffffffff
#define MAX_ERRNO 4095 /* include/linux/err.h */

/* What a step needs of a dentry. */
struct path_look {
	struct dentry *parent;
	void *hashed; /* NULL: no name in its directory leads to it */
	const __u8 *name;
	__u32 length;	/* of the name */
	__u32 sequence; /* odd while it is being renamed, another one afterwards */
};

#define PATH_LOOK_BYTES 48

/*
 * Both sequence counts must be read in their place. x86 keeps loads in order, and the kernel copies upwards.
 * A cmpxchg or xchg is a full barrier.
 */
#ifdef __TARGET_ARCH_arm64
#define path_order()                                 \
	({                                           \
		__u64 word_ = 0;                     \
		__sync_lock_test_and_set(&word_, 1); \
	})
#else
#define path_order() barrier()
#endif

/* The byte of the path that is at a position. The mask is for the verifier. */
static __always_inline __u8 *path_at(struct record_slot *slot, __u32 position)
{
	return &slot->scratch[SCRATCH_MARGIN + (position & (SCRATCH_BYTES - 1))];
}

static __always_inline __u32 path_sequence(struct dentry *dentry, const bool in_place)
{
	return member_of(dentry, d_seq.seqcount.sequence, in_place);
}

static __always_inline void path_look(struct record_slot *slot, struct dentry *dentry,
				      struct path_look *look, const bool in_place)
{
	const __u32 from = bpf_core_field_offset(struct dentry, d_seq);
	const __u32 hash = bpf_core_field_offset(struct dentry, d_hash.pprev) - from;
	const __u32 parent = bpf_core_field_offset(struct dentry, d_parent) - from;
	const __u32 length = bpf_core_field_offset(struct dentry, d_name.len) - from;
	const __u32 name = bpf_core_field_offset(struct dentry, d_name.name) - from;

	/* With helpers, in one read where the fields lie together, as they have since d_seq is there. */
	if (!in_place && hash <= PATH_LOOK_BYTES - 8 && parent <= PATH_LOOK_BYTES - 8 &&
	    length <= PATH_LOOK_BYTES - 4 && name <= PATH_LOOK_BYTES - 8) {
		/* Behind the path's bytes there is room for the verifier's sake only. The stack has none left. */
		void *bytes = &slot->scratch[SCRATCH_MARGIN + SCRATCH_BYTES + SCRATCH_MARGIN];

#ifdef __TARGET_ARCH_arm64
		look->sequence = path_sequence(dentry, in_place);
		path_order();
#endif
		bpf_probe_read_kernel(bytes, PATH_LOOK_BYTES, (void *)dentry + from);
#ifndef __TARGET_ARCH_arm64
		look->sequence = *(__u32 *)bytes;
#endif
		__builtin_memcpy(&look->hashed, bytes + hash, 8);
		__builtin_memcpy(&look->parent, bytes + parent, 8);
		__builtin_memcpy(&look->length, bytes + length, 4);
		__builtin_memcpy(&look->name, bytes + name, 8);
		return;
	}
	look->sequence = path_sequence(dentry, in_place);
	path_order();
	look->hashed = member_of(dentry, d_hash.pprev, in_place);
	look->parent = member_of(dentry, d_parent, in_place);
	look->length = member_of(dentry, d_name.len, in_place);
	look->name = member_of(dentry, d_name.name, in_place);
}

/* Whether all that was read of the dentry since path_look() was so at one moment. */
static __always_inline bool path_unchanged(struct dentry *dentry, const struct path_look *look,
					   const bool in_place)
{
	path_order();
	return path_sequence(dentry, in_place) ==
	       (look->sequence & ~1U); /* it was even, and still is */
}

/*
 * Puts a name before a position. In place, a short one is copied in words, the last one first. What the word at
 * its beginning has too much is what the kernel has before the name, and the next name goes over it.
 */
static __always_inline void path_put_name(struct record_slot *slot, __u32 position,
					  const struct path_look *look, const bool in_place)
{
	struct itimerspec64 *words; /* it has four, and none is a pointer */
	__u32 length = look->length;
	__u8 *to;

	_Static_assert(sizeof(*words) == SCRATCH_MARGIN, "the words before the first position");
	if (!in_place || length > sizeof(*words)) {
		bpf_probe_read_kernel(path_at(slot, position - length), length & (NAME_BYTES - 1),
				      look->name);
		return;
	}
	words = bpf_core_cast(look->name + length - sizeof(*words), struct itimerspec64);
	to = path_at(slot, position - 1) + 1 - sizeof(*words);
	*(__u64 *)(to + 24) = words->it_value.tv_nsec;
	if (length <= 8)
		return;
	*(__u64 *)(to + 16) = words->it_value.tv_sec;
	if (length <= 16)
		return;
	*(__u64 *)(to + 8) = words->it_interval.tv_nsec;
	if (length <= 24)
		return;
	*(__u64 *)to = words->it_interval.tv_sec;
}

/* Since 6.18 a mount namespace's number is where every namespace's is. */
struct ns_common___with_id {
	u64 ns_id;
} __attribute__((preserve_access_index));

struct mnt_namespace___with_seq {
	u64 seq;
} __attribute__((preserve_access_index));

/* Whether a mount that nothing is above is the root of a namespace that processes can live in. */
static __always_inline bool path_attached(struct mount *mount, const bool in_place)
{
	struct mnt_namespace___with_seq *with_seq;
	struct ns_common___with_id *with_id;
	struct mnt_namespace *ns;

	ns = member_of(typed(mount, in_place), mnt_ns, in_place);
	/* None after a lazy umount(2); an error for the kernel's own mounts, which nobody has mounted. */
	if (!ns || (__u64)ns >= (__u64)-MAX_ERRNO)
		return false;
	/* Anonymous: from fsmount(2), or open_tree(2) with OPEN_TREE_CLONE. */
	with_seq = (struct mnt_namespace___with_seq *)ns;
	if (bpf_core_field_exists(struct mnt_namespace___with_seq, seq))
		return member_of(typed(with_seq, in_place), seq, in_place) != 0;
	with_id = (struct ns_common___with_id *)&ns->ns;
	if (bpf_core_field_exists(struct ns_common___with_id, ns_id))
		return member_of(typed(with_id, in_place), ns_id, in_place) != 0;
	return true;
}

/* The walk goes on in another mount. */
static __always_inline void path_enter(struct path_walk *walk, struct mount *mount,
				       const bool in_place)
{
	walk->mount = mount;
	walk->mount_root = member_of(typed(mount, in_place), mnt.mnt_root, in_place);
}

/* From the root of a mount to where it is mounted. 1: nowhere. */
static __always_inline long path_leave_mount(struct path_walk *walk, const bool in_place)
{
	struct mount *mount = typed(walk->mount, in_place);
	struct mount *parent = member_of(mount, mnt_parent, in_place);

	if (parent == mount) { /* the namespace's root, or a mount that hangs nowhere */
		walk->end = path_attached(mount, in_place) ? 0 : EV_PATH_DETACHED;
		return 1;
	}
	walk->dentry = member_of(mount, mnt_mountpoint, in_place);
	path_enter(walk, parent, in_place);
	return 0;
}

static __always_inline long path_step(struct record_slot *slot, const bool in_place)
{
	struct path_walk *walk = &slot->path;
	struct dentry *dentry = typed(walk->dentry, in_place);
	__u32 position = walk->position;
	struct path_look look;

	if (dentry == walk->root_dentry && walk->mount == walk->root_mount &&
	    walk->root_position == PATH_NOT_MET)
		walk->root_position = position;
	if (dentry == walk->mount_root)
		return path_leave_mount(walk, in_place);
	path_look(slot, dentry, &look, in_place);
	if (look.length >= NAME_BYTES || look.length >= position) {
		if (!path_unchanged(dentry, &look, in_place))
			return 0;
		/* Its own name is no part of the path, so that one is whole. */
		if (look.parent == dentry && look.length == 1)
			walk->end = EV_PATH_DETACHED;
		return 1;
	}
	path_put_name(slot, position, &look, in_place);
	if (in_place) /* read here, it need not be kept meanwhile */
		look.parent = dentry->d_parent;
	if (!path_unchanged(dentry, &look, in_place)) /* renamed meanwhile: this step again */
		return 0;
	position -= look.length;
	if (look.parent == dentry) {
		walk->end = EV_PATH_DETACHED;
		/* The root of a file system, called "/": moved out of its bind mount, no path leads there. */
		if (look.length == 1 && *path_at(slot, position) == '/')
			return 1;
	}
	position -= 1;
	*path_at(slot, position) = '/';
	walk->position = position;
	walk->dentry = look.parent;
	return look.parent == dentry; /* else a pseudo file: memfd, pipe */
}

static long path_step_in_place(__u64 index, struct record_slot **slot)
{
	return path_step(*slot, true);
}

static long path_step_by_helper(__u64 index, struct record_slot **slot)
{
	return path_step(*slot, false);
}

/* As d_unlinked(). A rename takes the name away for a moment. */
static __always_inline bool path_deleted(struct record_slot *slot, struct dentry *dentry,
					 const bool in_place)
{
	struct path_look look;

	dentry = typed(dentry, in_place);
	if (in_place && dentry->d_hash.pprev)
		return false;
	path_look(slot, dentry, &look, in_place);
	if (!look.hashed && !path_unchanged(dentry, &look, in_place))
		path_look(slot, dentry, &look, in_place);
	return look.parent != dentry && !look.hashed;
}

/* Copies the path to the tail. In words, some zeros from behind the scratch's path come along. */
static __always_inline bool path_copy(struct record_slot *slot, __u32 at, __u32 position,
				      __u32 length)
{
	__u8 *to = &slot->record[at & (TAIL_LIMIT - 1)], *from = path_at(slot, position);

	if (length > PATH_SHORT_BYTES)
		return !bpf_probe_read_kernel(to, length, from);
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < PATH_SHORT_BYTES / 8; i++) {
		if (length <= 8 * i)
			break;
		*(__u64 *)(to + 8 * i) = *(__u64 *)(from + 8 * i);
	}
	return true;
}

/* The first steps, which is all of them for most paths: a call of a step takes a third of what it does. */
static __always_inline bool path_first_steps(struct record_slot *slot)
{
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < PATH_FIRST_STEPS; i++) {
		if (path_step(slot, true))
			return true;
	}
	return false;
}

static __always_inline void path_climb(struct record_slot *slot, const bool in_place)
{
	struct path_walk *walk = &slot->path;

	path_enter(walk, walk->mount, in_place);
	if (path_deleted(slot, walk->dentry, in_place))
		walk->path.flags |= EV_PATH_DELETED;
	if (!in_place)
		loop(PATH_MAX_STEPS, path_step_by_helper, &slot);
	else if (!path_first_steps(slot))
		loop(PATH_MAX_STEPS - PATH_FIRST_STEPS, path_step_in_place, &slot);
}

/* Appends the path that slot->path asks for to the tail. Returns its length, 0 when there is no room. */
__noinline int path_walk_up(struct record_slot *slot)
{
	struct path_walk *walk;
	__u32 at, length;

	if (!slot)
		return 0;
	walk = &slot->path;
	walk->position = SCRATCH_BYTES;
	walk->root_position = PATH_NOT_MET;
	walk->end = EV_PATH_TRUNCATED; /* unless an end is reached */
	walk->path.offset = 0;
	walk->path.flags = 0;
	if (reads_in_place)
		path_climb(slot, true);
	else
		path_climb(slot, false);

	if (walk->root_position == PATH_NOT_MET) {
		walk->end |= EV_PATH_UNREACHABLE;
		walk->root_position = walk->position;
	}
	if (walk->position >= SCRATCH_BYTES) {	   /* the root itself */
		if (walk->end & EV_PATH_TRUNCATED) /* no: it did not stand still for one name */
			return 0;
		walk->position = SCRATCH_BYTES - 1;
		walk->root_position = walk->position;
		*path_at(slot, SCRATCH_BYTES - 1) = '/';
	}
	length = SCRATCH_BYTES - walk->position;
	at = tail_next(slot);
	barrier_var(length);
	if (!at || length > SCRATCH_BYTES || !path_copy(slot, at, walk->position, length))
		return 0;
	walk->path.offset = at;
	walk->path.length = length;
	walk->path.root_length =
		walk->root_position > walk->position ? walk->root_position - walk->position : 0;
	walk->path.flags |= walk->end;
	slot->tail = at + length;
	return length;
}

/* Appends a path as `task` sees it; to->offset is 0 when there is no room. */
static __always_inline void path_append(struct record_slot *slot, struct ev_path *to,
					struct path *from, struct task_struct *task)
{
	struct path_walk *walk = &slot->path;
	struct path *root = &task->fs->root;

	walk->dentry = from->dentry;
	walk->mount = container_of(from->mnt, struct mount, mnt);
	walk->root_dentry = root->dentry;
	walk->root_mount = container_of(root->mnt, struct mount, mnt);
	path_walk_up(slot);
	*to = walk->path;
}
