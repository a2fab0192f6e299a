/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Record slots: where a record is put together. A record is too large for the BPF stack, and one
 * buffer per CPU would be overwritten by another task when a program is preempted (tracing programs
 * run with preemption on). So each CPU has a few, and a program claims one with an atomic operation.
 */
#pragma once

#include "maps.bpf.h"

#define SLOTS 8		   /* per CPU: as many programs as can interrupt one another, and some */
#define TAIL_LIMIT 16384   /* a string starts below this offset; a power of two */
#define SCRATCH_BYTES 4096 /* paths are built here from the end; a power of two */
#define SCRATCH_MARGIN 32  /* free on both sides of them: they are written and read in words */
#define NAME_BYTES 256	   /* the longest name in a directory, and its slash */

/*
 * What the path walker is asked, how far it is, and its answer. Here because the BPF stack is small, and
 * because the verifier does not follow what is in a map: on the stack, each step was states of its own.
 */
struct path_walk {
	struct dentry *dentry; /* where the walk is, first: where it starts */
	struct mount *mount;
	struct dentry *mount_root;
	struct dentry *root_dentry; /* of the process */
	struct mount *root_mount;
	__u32 position;	     /* in the scratch: of the path's first byte so far */
	__u32 root_position; /* where the process's root was met, or PATH_NOT_MET */
	__u32 end;	     /* EV_PATH_*, why the walk ended */
	__u32 pad;
	struct ev_path path; /* the answer; offset 0 when the tail is full */
};

struct record_slot {
	__u64 owner;   /* the task that claimed it, 0 when free */
	__u64 tail;    /* where the next string of the record goes, from its first byte */
	__u64 from;    /* the kernel object that a function of its own reads: as a number, since the
			  verifier takes no kernel pointer for an argument */
	__u64 kept[3]; /* what later hooks of a pending record need of earlier ones */
	struct path_walk path;
	__u8 record[TAIL_LIMIT + EV_PATH_MAX] __attribute__((aligned(8)));
	__u8 scratch[SCRATCH_MARGIN + SCRATCH_BYTES + NAME_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct record_slot);
} slots SEC(".maps");

/* NULL when all are taken; the caller accounts for it. Programs stay on their CPU while they run. */
static __always_inline struct record_slot *slot_claim(__u32 fixed_bytes)
{
	__u64 me = bpf_get_current_task();

	/* Unrolled, it is eight look-ups, which the verifier inlines one by one at every start. */
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < SLOTS; i++) {
		__u32 key = i;
		struct record_slot *slot = bpf_map_lookup_elem(&slots, &key);

		if (!slot)
			return NULL;
		if (slot->owner || __sync_val_compare_and_swap(&slot->owner, 0, me))
			continue;
		slot->tail = fixed_bytes;
		return slot;
	}
	return NULL;
}

static __always_inline void slot_release(struct record_slot *slot)
{
	__sync_lock_test_and_set(&slot->owner, 0);
}
