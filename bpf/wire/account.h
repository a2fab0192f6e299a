/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The account of what was offered and what was lost, and the word that wakes the worker.
 * Both live in memory-mapped arrays, so that reading them costs no system call.
 *
 * For each class, on every CPU and so in the sum, once the rings are drained:
 *
 *	offered = delivered + lost_ring + lost_slot
 *
 * What was delivered the reader knows (src/agent/progress.h).
 * Runs that the kernel itself skipped (recursion_misses) never took a number; they are counted
 * beside, by hook.
 */
#ifndef GANCHO_WIRE_ACCOUNT_H
#define GANCHO_WIRE_ACCOUNT_H

#include "event.h"

struct account_class {
	__u64 offered;	 /* numbers taken: the next record's number */
	__u64 lost_ring; /* the ring was full */
	__u64 lost_slot; /* no free record slot on this CPU */
	__u64 filtered;	 /* seen and not wanted; took no number */
};

/* One per possible CPU; a cache line pair, so that CPUs do not share lines. */
struct account_cpu {
	struct account_class classes[EV_CLASS_COUNT];
	__u64 lineage_lost; /* task storage could not be had: a process without lineage */
	__u64 container_lost; /* no room in the map: a cgroup of a container that is not known as one */
	__u64 handed_lost; /* no room in the map: a descriptor that is not known to be handed over */
	__u64 pad[5];
};

#define DOORBELL_MAX_HOOKS 128

/*
 * Wake-ups are batched. The reader sets armed before it sleeps without a time limit; the first
 * record clears it and wakes him. Awake, he naps a few milliseconds between drains and is woken
 * early only by a ring that is half full (urged).
 */
struct doorbell {
	__u32 armed;
	__u32 urged;
	__u64 wakeups; /* forced by a program, for the account of our own cost */
	__u64 skipped[DOORBELL_MAX_HOOKS]; /* recursion_misses by program, written by the keeper */
};

#endif
