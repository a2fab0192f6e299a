/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space tells the programs. The C++ side reads this file too. */
#ifndef GANCHO_CONFIG_BPF_H
#define GANCHO_CONFIG_BPF_H

#include "wire/event.h"

/* The hierarchy whose cgroups say which container a task is in. */
enum container_hierarchy {
	CONTAINERS_NONE = 0, /* nobody tells which cgroups there are */
	CONTAINERS_V2 = 1,
	CONTAINERS_V1_PIDS = 2,	  /* of the pids controller, version 1 */
	CONTAINERS_V1_MEMORY = 3, /* of the memory controller, version 1 */
};

/* Fixed when the object is loaded, so that the verifier removes what is off. */
struct gancho_settings {
	__u32 args_max;	      /* argument bytes in a record, at most EV_PATH_MAX */
	__u32 bulk_ring_mask; /* number of bulk rings, a power of two, less one */
	__u32 vital_ring_bytes;
	__u32 bulk_ring_bytes;
	__u32 containers;      /* enum container_hierarchy */
	__u32 container_tasks; /* older containers are found through their tasks, not by their cgroups */
	__u32 machine_mnt_ns; /* inode number of the first process's mount namespace */
};

#define CALLS_MAX 512 /* numbers in a table of system calls, at most; a multiple of 64 */

/*
 * Which operations are wanted. What is not set does not restrict; the process table needs its records
 * whomever they are about.
 */
struct gancho_filter {
	__u64 events[EV_TYPE_MAX / 64]; /* bit EV_*: emit such records */
	__u64 table[EV_TYPE_MAX /
		    64]; /* emit all such records, marked EV_FOR_TABLE when nobody asked */
	__u64 calls[2][CALLS_MAX /
		       64]; /* EV_SYSCALL: bit NUMBER of the 64-bit, then the 32-bit table */
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
