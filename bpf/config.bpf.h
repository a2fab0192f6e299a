/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space tells the programs. The C++ side reads this file too. */
#ifndef GANCHO_CONFIG_BPF_H
#define GANCHO_CONFIG_BPF_H

#include "wire/event.h"

/* Fixed when the object is loaded, so that the verifier removes what is off. */
struct gancho_settings {
	__u32 args_max;	      /* argument bytes in a record, at most EV_PATH_MAX */
	__u32 bulk_ring_mask; /* number of bulk rings, a power of two, less one */
	__u32 vital_ring_bytes;
	__u32 bulk_ring_bytes;
};

/*
 * Which operations are wanted. What is not set does not restrict; the process table needs its records
 * whomever they are about.
 */
struct gancho_filter {
	__u64 events[EV_TYPE_MAX / 64]; /* bit EV_*: emit such records */
	__u64 table[EV_TYPE_MAX /
		    64];    /* emit all such records, marked EV_FOR_TABLE when nobody asked */
	__u32 pid;	    /* this process */
	__u32 children;	    /* and all that descend from it */
	__u64 cgroup_id;    /* this cgroup and all below it */
	__u32 cgroup_level; /* of cgroup_id below the root of the v2 hierarchy */
	__u32 pad;
};

/*
 * Two filters and the word that selects one: what is new is written completely into the one that is
 * not in use before the word changes, so no operation is judged by a mixture.
 */
struct gancho_policy {
	__u32 generation; /* filters[generation & 1] is in force */
	__u32 pad;
	struct gancho_filter filters[2];
};

#endif
