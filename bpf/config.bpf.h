/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space tells the programs. The C++ side reads this file too. */
#ifndef GANCHO_CONFIG_BPF_H
#define GANCHO_CONFIG_BPF_H

#include "wire/event.h"

#define CPUS_MAX 8192 /* NR_CPUS of x86 at most, arch/x86/Kconfig */

/* The hierarchy whose cgroups say which container a task is in. */
enum container_hierarchy {
	CONTAINERS_NONE = 0, /* nobody tells which cgroups there are */
	CONTAINERS_V2 = 1,
	CONTAINERS_V1_PIDS = 2,	  /* of the pids controller, version 1 */
	CONTAINERS_V1_MEMORY = 3, /* of the memory controller, version 1 */
};

/* Fixed when the object is loaded, so that the verifier removes what is off. */
struct gancho_settings {
	__u32 args_max;	      /* bytes of arguments, and as many of the environment, in a record; at
				 most EV_PATH_MAX */
	__u32 bulk_ring_mask; /* number of bulk rings, a power of two, less one */
	__u32 vital_ring_bytes;
	__u32 bulk_ring_bytes;
	__u32 containers;      /* enum container_hierarchy */
	__u32 container_tasks; /* older containers are found through their tasks, not by their cgroups */
	__u32 machine_mnt_ns; /* inode number of the first process's mount namespace */
	__u32 cpu_mask;	      /* number of CPUs that there can be, up to a power of two, less one */
	__u64 bare[EV_TYPE_MAX / 64]; /* bit EV_*: taken from the tracepoints of all system calls */
};

#define CALLS_MAX 512 /* numbers in a table of system calls, at most; a multiple of 64 */

#define WATCH_FILES_MAX 1024 /* files and directories that are watched at a time */
#define WATCH_NAME_MAX 64    /* bytes of a name that are compared, beside its length */

#define WATCH_BITS 256 /* a power of two */

/* A file as the kernel knows it: on btrfs and overlayfs stat(2) gives other numbers. */
struct watched_file {
	__u64 inode;
	__u32 dev; /* of the file system: major << 20 | minor */
	__u32 pad;
};

static inline __u64 watch_bit(__u64 inode, __u32 dev)
{
	return ((inode + dev) * 0x9e3779b97f4a7c15ULL) >> 56;
}

/* A name in a directory, whatever file has it. */
struct watched_name {
	__u64 inode; /* of the directory */
	__u32 dev;
	__u32 length;
	__u8 start[WATCH_NAME_MAX]; /* zeros behind a shorter one */
};

/*
 * What a file is watched for, in each of the two sets of files. A filter says which set is its own, so a
 * new policy's files are written into the other one first.
 */
struct watch_marks {
	__u32 sets[2];
};

#define WATCH_SELF 1u	 /* the file */
#define WATCH_BENEATH 2u /* all that is beneath the directory on its file system */
#define WATCH_NAMES 4u	 /* some names in the directory */

/* In gancho_filter.watch: there are such files at all; and whose set is the second. */
#define WATCH_SECOND 8u

/* What the iterator over our own descriptors writes for each. */
struct descriptor_file {
	struct watched_file file;
	__u32 fd;
	__u32 pad;
};

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
	__u32 watch;	    /* read, write: which files; WATCH_* */
	__u64 watch_bits[WATCH_BITS / 64]; /* bit watch_bit() of each: asked before the map */
};

/*
 * Two filters and the word that selects one: what is new is written completely into the one that is
 * not in use before the word changes, so no operation is judged by a mixture.
 */
struct gancho_policy {
	__u32 generation; /* filters[generation & 1] is in force */
	/*
	 * What is read when somebody asks only. It may be read for a while when nobody does any more; who
	 * asks is told of before the filter is that needs it.
	 */
	__u32 environment;		  /* 1: of programs */
	__u64 no_paths[EV_TYPE_MAX / 64]; /* bit EV_*: nobody asks which paths were found */
	struct gancho_filter filters[2];
};

#endif
