/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the programs of `gancho stat syscalls` and user space share. */
#ifndef GANCHO_WIRE_SYSCALL_STAT_H
#define GANCHO_WIRE_SYSCALL_STAT_H

#include "latency_slots.h"
#include "wire/event.h"

/* What a row is about; any of them together. What it is not about is 0 in the key. */
#define STAT_BY_CALL 1
#define STAT_BY_PROCESS 2
#define STAT_BY_ERRNO 4

#define STAT_TABLE_64 0
#define STAT_TABLE_32 1 /* int $0x80, or a 32-bit program */

/* Numbers from here on are no calls; all are counted as this one, or one program could fill the table. */
#define STAT_NUMBERS 1024

/* Fixed when the object is loaded. */
struct stat_settings {
	__u32 by;	    /* STAT_BY_* */
	__u32 self;	    /* the process that asks: not counted */
	__u32 pid;	    /* only this process; 0: any */
	__u32 children;	    /* and all that descend from it */
	__u64 cgroup_id;    /* only this cgroup and those below it; 0: any */
	__u32 cgroup_level; /* of cgroup_id below the hierarchy's root */
	__u32 pad;
};

struct stat_key {
	__u64 start_time; /* of the process, boot clock, ns */
	__u32 pid;
	__u32 number;
	__u32 table; /* STAT_TABLE_* */
	__s32 error; /* 0, a negative errno, or STAT_NOT_RETURNED */
};

#define STAT_NOT_RETURNED 1

/* The row of all that found no room: a key that no call has. */
#define STAT_REST_PID 0xffffffff

/* Of one CPU. Times in ns of the monotonic clock. */
struct stat_value {
	__u64 calls;	   /* that returned, or never will (exit) */
	__u64 errors;	   /* that returned an errno to the program */
	__u64 interrupted; /* by a signal: they return EINTR, or are called again */
	__u64 timed;	   /* whose begin was seen; the others are in no duration */
	__u64 total;
	__u64 longest;
	__u64 last;		/* when the last one returned */
	__u8 comm[EV_COMM_LEN]; /* of the thread, then; by process only */
	__u64 slots[LATENCY_SLOTS];
};

/* A call that has not returned. */
struct stat_under_way {
	struct stat_key key;
	__u64 since; /* 0: it began before we did */
	__u8 comm[EV_COMM_LEN];
};

#endif
