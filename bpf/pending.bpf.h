/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Records of operations that are under way: begun at one hook, sent at another when the result is
 * known. A task has at most one; it is found by the task, so nothing has to be carried from hook to hook.
 *
 * A hook that did not run leaves its record behind. The task's next operation finds it and counts it as
 * lost, and so does whoever needs the room after PENDING_STALE_NS.
 */
#pragma once

#include "emit.bpf.h"

#define PENDING 128    /* operations under way at a time; a power of two */
#define PENDING_WAYS 4 /* places that a task's record can be in */
#define PENDING_STALE_NS (600ULL * 1000 * 1000 * 1000)

static struct record_slot pending[PENDING] SEC(".bss.pending");

/* Where a task's places begin: tasks are objects of some kilobytes, so their low bits say nothing. */
static __always_inline __u32 pending_home(__u64 task)
{
	return (__u32)((task >> 6) * 0x9e3779b97f4a7c15ULL >> 40);
}

static __always_inline struct record_slot *pending_at(__u32 place)
{
	return &pending[place & (PENDING - 1)];
}

/* The current task's record, or NULL. */
static __always_inline struct record_slot *pending_find(void)
{
	__u64 me = bpf_get_current_task();
	__u32 home = pending_home(me);

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < PENDING_WAYS; i++) {
		struct record_slot *slot = pending_at(home + i);

		if (slot->owner == me)
			return slot;
	}
	return NULL;
}

static __always_inline bool pending_stale(struct record_slot *slot)
{
	struct ev_header *header = (struct ev_header *)slot->record;

	return bpf_ktime_get_boot_ns() - header->time > PENDING_STALE_NS;
}

/* A place for the current task's next record. NULL when all are taken; that is accounted for. */
static __always_inline struct record_slot *pending_claim(enum ev_class class_id, __u32 fixed_bytes)
{
	__u64 me = bpf_get_current_task();
	__u32 home = pending_home(me);
	struct record_slot *slot;

	/* The first that is free, unless it has one already: nobody else takes that. */
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < PENDING_WAYS; i++) {
		__u64 owner;

		slot = pending_at(home + i);
		owner = slot->owner;
		if (!owner) {
			if (__sync_val_compare_and_swap(&slot->owner, 0, me))
				continue;
		} else {
			if (owner != me &&
			    (!pending_stale(slot) ||
			     __sync_val_compare_and_swap(&slot->owner, owner, me) != owner))
				continue;
			account_no_slot(class_id);
		}
		slot->tail = fixed_bytes;
		return slot;
	}
	account_no_slot(class_id);
	return NULL;
}
