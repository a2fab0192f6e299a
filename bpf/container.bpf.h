/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which container a task is in. Decided when a cgroup is made, by its name and those above it
 * (container_name.h), and kept by cgroup id; a record then asks with one look-up, and with none while
 * there is no container.
 *
 * A cgroup below a container's is the container's. So of several containers in one another the outermost
 * counts: who is in a container cannot pass for another by what it names its own cgroups.
 */
#pragma once

#include "container_name.h"
#include "emit.bpf.h"
#include "task.bpf.h"

#define CONTAINER_LEVELS \
	64 /* names looked at on the way up from a cgroup that is older than we are */

struct container {
	__u64 cgroup_id; /* of the container's own cgroup */
	__u32 owner;
	__u32 runtime;
	__u32 length;
	__u32 pad;
	__u8 id[EV_CONTAINER_ID_MAX];
};

/* By cgroup: the container's own and all below it. Allocated whole: some of our programs are of types
 * that up to 6.0 may not allocate. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set by the loader */
	__type(key, __u64);
	__type(value, struct container);
} containers SEC(".maps");

__u64 containers_live; /* entries: nobody is asked while there is none */
__u64 containers_lost; /* entries that found no room: a cgroup that is not there may be a container's */

/* The part of struct kernfs_iattrs (fs/kernfs/kernfs-internal.h) that says whose a directory is. */
static __always_inline __u32 kernfs_owner(struct kernfs_node *node)
{
	struct kernfs_iattrs *attributes = BPF_CORE_READ(node, iattr);

	return attributes ? BPF_CORE_READ(attributes, ia_uid.val) : 0;
}

struct container_climb {
	struct kernfs_node *node;
	struct container found; /* the outermost so far; cgroup_id 0: none */
};

/* The length of a name; more than CONTAINER_NAME_MAX says that it is too long for us. */
static __noinline long container_name_length(const char *name)
{
	char copy[CONTAINER_NAME_MAX + 2];

	return bpf_probe_read_kernel_str(copy, sizeof(copy), name) - 1;
}

/* Into `found`, if the name says so. A frame beside the one above, not below: programs have 512 bytes of stack. */
static __noinline int container_recognise(struct kernfs_node *node, struct kernfs_node *parent,
					  long length, struct container *found)
{
	const char *name = BPF_CORE_READ(node, name);
	struct container_name part = {};

	container_name_parse(&part, name, length, BPF_CORE_READ(parent, name));
	if (part.runtime == EV_RUNTIME_NONE || part.length > EV_CONTAINER_ID_MAX)
		return 0;
	__builtin_memset(found->id, 0, sizeof(found->id));
	if (bpf_probe_read_kernel(found->id, part.length, name + part.begin))
		return 0;
	found->cgroup_id = BPF_CORE_READ(node, id);
	found->owner = kernfs_owner(parent);
	found->runtime = part.runtime;
	found->length = part.length;
	return 0;
}

static long container_step(__u64 index, struct container_climb *climb)
{
	struct kernfs_node *node = climb->node, *parent = kernfs_parent(node);
	long length;

	if (!parent) /* the hierarchy's root is no container */
		return 1;
	climb->node = parent;
	length = container_name_length(BPF_CORE_READ(node, name));
	if (length > 0)
		container_recognise(node, parent, length, &climb->found);
	return 0;
}

/* Enters the cgroup if it is a container's, and is not there yet. */
static __noinline int container_enter(struct kernfs_node *node)
{
	struct kernfs_node *parent;
	struct container_climb climb = {.node = node};
	struct container *inherited;
	__u64 id = BPF_CORE_READ(node, id), above;
	long error;

	parent = kernfs_parent(node);
	if (!parent)
		return 0;
	/* First what is above: however deep a cgroup lies, it does not leave its container. */
	above = BPF_CORE_READ(parent, id);
	inherited = bpf_map_lookup_elem(&containers, &above);
	if (inherited) {
		climb.found = *inherited;
	} else {
		loop(CONTAINER_LEVELS, container_step, &climb);
		if (!climb.found.cgroup_id)
			return 0;
	}
	error = bpf_map_update_elem(&containers, &id, &climb.found, BPF_NOEXIST);
	if (!error) {
		__sync_fetch_and_add(&containers_live, 1);
	} else if (error != -17 /* EEXIST */) {
		__sync_fetch_and_add(&containers_lost, 1);
		__sync_fetch_and_add(&this_account()->container_lost, 1);
	}
	return 0;
}

/* On version 1 a task has a cgroup for each controller; one controller's is asked. */
static __always_inline __u32 container_controller(void)
{
	return settings.containers == CONTAINERS_V1_MEMORY
		       ? bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)
		       : bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
}

/* Ids are of one hierarchy: those of another may be the same numbers. */
static __always_inline bool container_hierarchy(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *state = NULL;

	if (settings.containers == CONTAINERS_NONE)
		return false;
	if (settings.containers == CONTAINERS_V2)
		return !BPF_CORE_READ(cgroup, root, hierarchy_id); /* that of version 2 is 0 */
	bpf_core_read(&state, sizeof(state), &cgroup->subsys[container_controller()]);
	return state;
}

static __always_inline void container_cgroup_made(struct cgroup *cgroup)
{
	if (container_hierarchy(cgroup))
		container_enter(BPF_CORE_READ(cgroup, kn));
}

static __always_inline void container_cgroup_gone(struct cgroup *cgroup)
{
	__u64 id;

	if (!containers_live || !container_hierarchy(cgroup))
		return;
	id = BPF_CORE_READ(cgroup, kn, id);
	if (!bpf_map_delete_elem(&containers, &id))
		__sync_fetch_and_sub(&containers_live, 1);
}

static __always_inline struct kernfs_node *container_node(struct task_struct *task)
{
	struct css_set *cgroups = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = NULL;

	if (settings.containers == CONTAINERS_V2)
		return BPF_CORE_READ(cgroups, dfl_cgrp, kn);
	bpf_core_read(&state, sizeof(state), &cgroups->subsys[container_controller()]);
	return BPF_CORE_READ(state, cgroup, kn);
}

/* A task that was there before us. */
static __always_inline void container_task_found(struct task_struct *task)
{
	if (settings.containers != CONTAINERS_NONE && settings.container_tasks)
		container_enter(container_node(task));
}

/* All but the id, into a zeroed `to`; whose id it is, NULL when there is none. */
static __always_inline struct container *container_look(struct ev_container *to,
							struct task_struct *task)
{
	struct container *container = NULL;
	__u64 id;

	if (settings.containers == CONTAINERS_NONE)
		return NULL;
	if (containers_live) {
		id = BPF_CORE_READ(container_node(task), id);
		container = bpf_map_lookup_elem(&containers, &id);
	}
	if (!container) {
		to->flags = containers_lost ? 0 : EV_CONTAINER_KNOWN;
		return NULL;
	}
	to->flags = EV_CONTAINER_KNOWN;
	to->cgroup_id = container->cgroup_id;
	to->runtime = container->runtime;
	to->owner = container->owner;
	to->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	if (to->mnt_ns == settings.machine_mnt_ns)
		to->flags |= EV_CONTAINER_MACHINE;
	return container;
}

/* Into a zeroed `to`. */
static __always_inline void container_fill(struct record_slot *slot, struct ev_container *to,
					   struct task_struct *task)
{
	struct container *container = container_look(to, task);

	if (container)
		tail_kernel_bytes(slot, &to->id, container->id, container->length);
}

/*
 * The same for a record on the stack that has no other string: the id goes to `id`, which is the end of the
 * record and begins `at` bytes into it. Returns by how much the record is longer for it.
 */
static __always_inline __u32 container_fill_last(struct ev_container *to, __u8 *id, __u16 at,
						 struct task_struct *task)
{
	struct container *container = container_look(to, task);

	if (!container)
		return 0;
	__builtin_memcpy(id, container->id, EV_CONTAINER_ID_MAX);
	to->id.offset = at;
	to->id.length = container->length;
	return EV_CONTAINER_ID_MAX;
}

#define CONTAINER_AT_MAX 512 /* where in a record a struct ev_container may begin */

/* A function that is verified once: whoever sends a record of a call has it. */
__noinline int container_find(struct record_slot *slot, __u32 at)
{
	if (!slot || at >= CONTAINER_AT_MAX)
		return 0;
	container_fill(slot, (struct ev_container *)&slot->record[at],
		       plain(bpf_get_current_task_btf()));
	return 0;
}

/* The current task's, into a zeroed struct that begins `at` bytes into the record. */
static __always_inline void container_fill_current(struct record_slot *slot, const __u32 at)
{
	struct ev_container *to = (struct ev_container *)&slot->record[at];

	if (containers_live | containers_lost)
		container_find(slot, at);
	else if (settings.containers != CONTAINERS_NONE)
		to->flags = EV_CONTAINER_KNOWN;
}
