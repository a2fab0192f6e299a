/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What several rooms say about a task. */
#ifndef GANCHO_WIRE_TASK_H
#define GANCHO_WIRE_TASK_H

#include "event.h"

/* Ids as the initial user namespace sees them. Capability sets are bit masks by capability number. */
struct ev_credentials {
	__u32 uid;
	__u32 euid;
	__u32 suid;
	__u32 gid;
	__u32 egid;
	__u32 sgid;
	__u64 cap_permitted;
	__u64 cap_effective;
};

/* The namespaces of a task: inode numbers, as in /proc/PID/ns. */
struct ev_namespaces {
	__u32 cgroup;
	__u32 ipc;
	__u32 mnt;
	__u32 net;
	__u32 pid;
	__u32 time;
	__u32 user;
	__u32 uts;
};

#define EV_CONTAINER_ID_MAX 64 /* bytes of an id */

/* Who made the container, as far as the name of its cgroup tells. */
enum ev_runtime {
	EV_RUNTIME_NONE = 0,
	EV_RUNTIME_OTHER = 1, /* a container; the name does not say whose */
	EV_RUNTIME_DOCKER = 2,
	EV_RUNTIME_CONTAINERD = 3,
	EV_RUNTIME_CRIO = 4,
	EV_RUNTIME_PODMAN = 5,
	EV_RUNTIME_BUILDKIT = 6,
	EV_RUNTIME_LXC = 7,
	EV_RUNTIME_NSPAWN = 8,
	EV_RUNTIME_COUNT = 9,
};

#define EV_CONTAINER_KNOWN (1u << 0) /* it is known whether there is one */
#define EV_CONTAINER_MACHINE \
	(1u << 1) /* the task sees the machine's own mounts, its users' names too */

/*
 * The container that a task runs in: the outermost one, when there are several. cgroup_id 0 is none.
 * bpf/container.bpf.h fills it, the fields of it are in src/event/container.h.
 */
struct ev_container {
	__u64 cgroup_id;     /* of the container's own cgroup: tells one run from the next */
	struct ev_string id; /* as its runtime writes it: 64 hexadecimal digits, or a name */
	__u16 runtime;	     /* enum ev_runtime */
	__u16 flags;	     /* EV_CONTAINER_* */
	__u32 owner; /* user who owns the cgroup that the container's lies in, and so could make it */
	__u32 mnt_ns; /* of the task; 0 on the machine itself */
};

#endif
