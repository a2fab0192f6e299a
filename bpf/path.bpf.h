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
 * verifier knows no type for, and a global function, which it checks only once, takes no others.
 */
#pragma once

#include "loop.bpf.h"
#include "tail.bpf.h"

#define PATH_MAX_STEPS 512 /* names and mount points on the way up */

#define PATH_NOT_MET 0xffffffff
#define MAX_ERRNO 4095 /* include/linux/err.h */

/* How far a walk is. */
struct path_walk {
	struct record_slot *slot;
	struct dentry *dentry;
	struct vfsmount *vfsmount;
	struct mount *mount;
	struct dentry *mnt_root;
	__u32 position;	     /* in the scratch: the first byte of the path so far */
	__u32 root_position; /* where the process's root was met, or PATH_NOT_MET */
	__u32 flags;	     /* EV_PATH_*, why the walk ended */
	__u32 pad;
};

/* What a step needs of a dentry. */
struct path_look {
	struct dentry *parent;
	struct qstr name;
	void *hashed;	/* NULL: no name in its directory leads to it */
	__u32 sequence; /* odd while it is being renamed, another one afterwards */
	__u32 pad;
};

#define PATH_LOOK_BYTES 64

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

static __always_inline __u32 path_sequence(struct dentry *dentry)
{
	return BPF_CORE_READ(dentry, d_seq.seqcount.sequence);
}

/* In one read where the fields lie together, as they have since d_seq is there: a read costs as much as a step. */
static __always_inline void path_look(struct record_slot *slot, struct dentry *dentry,
				      struct path_look *look)
{
	const __u32 from = bpf_core_field_offset(struct dentry, d_seq);
	const __u32 hash = bpf_core_field_offset(struct dentry, d_hash) - from;
	const __u32 parent = bpf_core_field_offset(struct dentry, d_parent) - from;
	const __u32 name = bpf_core_field_offset(struct dentry, d_name) - from;
	/* Behind the path's bytes there is room for the verifier's sake only. The stack has none left. */
	void *bytes = &slot->scratch[SCRATCH_BYTES];

#ifdef __TARGET_ARCH_arm64
	look->sequence = path_sequence(dentry);
	path_order();
#endif
	if (hash <= PATH_LOOK_BYTES - 16 && parent <= PATH_LOOK_BYTES - 8 &&
	    name <= PATH_LOOK_BYTES - 16) {
		bpf_probe_read_kernel(bytes, PATH_LOOK_BYTES, (void *)dentry + from);
#ifndef __TARGET_ARCH_arm64
		look->sequence = *(__u32 *)bytes;
#endif
		__builtin_memcpy(&look->hashed,
				 bytes + hash + bpf_core_field_offset(struct hlist_bl_node, pprev),
				 8);
		__builtin_memcpy(&look->parent, bytes + parent, 8);
		__builtin_memcpy(&look->name, bytes + name, 16);
		return;
	}
#ifndef __TARGET_ARCH_arm64
	look->sequence = path_sequence(dentry);
	path_order();
#endif
	look->hashed = BPF_CORE_READ(dentry, d_hash.pprev);
	look->parent = BPF_CORE_READ(dentry, d_parent);
	BPF_CORE_READ_INTO(&look->name, dentry, d_name);
}

/* Whether all that was read of the dentry since path_look() was so at one moment. */
static __always_inline bool path_unchanged(struct dentry *dentry, struct path_look *look)
{
	path_order();
	return !(look->sequence & 1) && path_sequence(dentry) == look->sequence;
}

/* Since 6.18 a mount namespace's number is where every namespace's is. */
struct ns_common___with_id {
	u64 ns_id;
} __attribute__((preserve_access_index));

struct mnt_namespace___with_seq {
	u64 seq;
} __attribute__((preserve_access_index));

/* Whether a mount that nothing is above is the root of a namespace that processes can live in. */
static __always_inline bool path_attached(struct mount *mount)
{
	struct mnt_namespace *ns = BPF_CORE_READ(mount, mnt_ns);
	struct mnt_namespace___with_seq *with_seq = (void *)ns;
	struct ns_common___with_id *with_id = (void *)&ns->ns;

	/* None after a lazy umount(2); an error for the kernel's own mounts, which nobody has mounted. */
	if (!ns || (__u64)ns >= (__u64)-MAX_ERRNO)
		return false;
	/* Anonymous: from fsmount(2), or open_tree(2) with OPEN_TREE_CLONE. */
	if (bpf_core_field_exists(struct mnt_namespace___with_seq, seq))
		return BPF_CORE_READ(with_seq, seq) != 0;
	if (bpf_core_field_exists(struct ns_common___with_id, ns_id))
		return BPF_CORE_READ(with_id, ns_id) != 0;
	return true;
}

static long path_step(__u64 index, struct path_walk *walk)
{
	struct record_slot *slot = walk->slot;
	struct path_request *request = &slot->path;
	struct dentry *dentry = walk->dentry;
	struct mount *mount = walk->mount;
	__u32 position = walk->position, length;
	struct path_look look;
	bool fits;

	if ((__u64)dentry == request->root_dentry &&
	    (__u64)walk->vfsmount == request->root_vfsmount && walk->root_position == PATH_NOT_MET)
		walk->root_position = walk->position;
	if (dentry == walk->mnt_root) {
		struct mount *above = BPF_CORE_READ(mount, mnt_parent);

		if (above == mount) { /* the namespace's root, or a mount that hangs nowhere */
			walk->flags = path_attached(mount) ? 0 : EV_PATH_DETACHED;
			return 1;
		}
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = above;
		walk->vfsmount = __builtin_preserve_access_index(&above->mnt);
		walk->mnt_root = BPF_CORE_READ(above, mnt.mnt_root);
		return 0;
	}
	path_look(slot, dentry, &look);
	length = look.name.len;
	fits = length < NAME_BYTES && position > length;
	if (fits) {
		position -= length;
		bpf_probe_read_kernel(&slot->scratch[position & (SCRATCH_BYTES - 1)],
				      length & (NAME_BYTES - 1), look.name.name);
	}
	if (!path_unchanged(dentry, &look)) /* renamed meanwhile: this step again */
		return 0;
	if (!fits) {
		/* Its own name is no part of the path, so that one is whole. */
		if (look.parent == dentry && length == 1)
			walk->flags = EV_PATH_DETACHED;
		return 1;
	}
	if (look.parent == dentry) {
		walk->flags = EV_PATH_DETACHED;
		/* The root of a file system, called "/": moved out of its bind mount, no path leads there. */
		if (length == 1 && slot->scratch[position & (SCRATCH_BYTES - 1)] == '/')
			return 1;
	}
	position -= 1;
	slot->scratch[position & (SCRATCH_BYTES - 1)] = '/';
	walk->position = position;
	walk->dentry = look.parent;
	return look.parent == dentry; /* else a pseudo file: memfd, pipe */
}

/* As d_unlinked(). A rename takes the name away for a moment. */
static __always_inline bool path_deleted(struct record_slot *slot, struct dentry *dentry)
{
	struct path_look look;

	path_look(slot, dentry, &look);
	if (!look.hashed && !path_unchanged(dentry, &look))
		path_look(slot, dentry, &look);
	return look.parent != dentry && !look.hashed;
}

/* Appends the path that slot->path asks for to the tail. Returns its length, 0 when there is no room. */
__noinline int path_walk_up(struct record_slot *slot)
{
	struct path_walk walk = {.slot = slot};
	struct path_request *request;
	struct vfsmount *vfsmount;
	struct dentry *dentry;
	__u32 at, length;

	if (!slot)
		return 0;
	request = &slot->path;
	dentry = (struct dentry *)request->dentry;
	vfsmount = (struct vfsmount *)request->vfsmount;
	walk.dentry = dentry;
	walk.vfsmount = vfsmount;
	walk.mount = container_of(vfsmount, struct mount, mnt);
	walk.mnt_root = BPF_CORE_READ(vfsmount, mnt_root);
	walk.position = SCRATCH_BYTES;
	walk.root_position = PATH_NOT_MET;
	walk.flags = EV_PATH_TRUNCATED; /* unless an end is reached */
	if (path_deleted(slot, dentry))
		request->path.flags |= EV_PATH_DELETED;

	loop(PATH_MAX_STEPS, path_step, &walk);

	if (walk.root_position == PATH_NOT_MET) {
		walk.flags |= EV_PATH_UNREACHABLE;
		walk.root_position = walk.position;
	}
	if (walk.position >= SCRATCH_BYTES) {	    /* the root itself */
		if (walk.flags & EV_PATH_TRUNCATED) /* no: it did not stand still for one name */
			return 0;
		walk.position = SCRATCH_BYTES - 1;
		walk.root_position = walk.position;
		slot->scratch[SCRATCH_BYTES - 1] = '/';
	}
	length = SCRATCH_BYTES - walk.position;
	at = tail_next(slot);
	barrier_var(length);
	if (!at || length > SCRATCH_BYTES)
		return 0;
	if (bpf_probe_read_kernel(&slot->record[at & (TAIL_LIMIT - 1)], length,
				  &slot->scratch[walk.position & (SCRATCH_BYTES - 1)]))
		return 0;
	request->path.offset = at;
	request->path.length = length;
	request->path.root_length =
		walk.root_position > walk.position ? walk.root_position - walk.position : 0;
	request->path.flags |= walk.flags;
	slot->tail = at + length;
	return length;
}

/* Appends a path as `task` sees it; to->offset is 0 when there is no room. */
static __always_inline void path_append(struct record_slot *slot, struct ev_path *to,
					struct path *from, struct task_struct *task)
{
	struct path_request *request = &slot->path;

	request->dentry = (__u64)from->dentry;
	request->vfsmount = (__u64)from->mnt;
	request->root_dentry = (__u64)task->fs->root.dentry;
	request->root_vfsmount = (__u64)task->fs->root.mnt;
	__builtin_memset(&request->path, 0, sizeof(request->path));
	path_walk_up(slot);
	*to = request->path;
}
