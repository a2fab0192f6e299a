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

#endif
