/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Wire structs of the syscalls room: one record for each operation, whatever entry it came by. */
#ifndef GANCHO_SYSCALLS_H
#define GANCHO_SYSCALLS_H

#include "wire/event.h"

/* bits of ev_header.present in a file operation */
#define EV_FILE_HAS_OBJECT (1ULL << 0) /* device, inode, mode of the file */
#define EV_FILE_HAS_FD (1ULL << 1)     /* call.result is a descriptor */

/* flags of an operation */
#define EV_CALL_USER_MEMORY \
	(1u << 0) /* names as given were read from memory that the caller can change */
#define EV_CALL_COMPAT (1u << 1)    /* by the 32-bit entry; syscall is a number of its table */
#define EV_CALL_IO_URING (1u << 2)  /* submitted to a ring: syscall is 0, or io_uring_enter */
#define EV_CALL_TAIL_FULL (1u << 3) /* some string found no room in the record */
#define EV_CALL_CREATED (1u << 4)   /* open: the file was not there before */

/* What all operations have in common. Ids as the initial user namespace sees them. */
struct ev_call {
	struct ev_header header;
	__s64 result; /* what the call gave: a descriptor, a number of bytes; 0 when it failed */
	__u64 cgroup_id;
	__s32 error; /* 0, or a negative errno */
	__u32 flags; /* EV_CALL_* */
	__u32 uid;
	__u32 euid;
	__u32 gid;
	__u32 egid;
	__u32 syscall; /* number in the table of its entry */
	__u32 pad;
};

/* An operation on a file by name, or on two. What is given and what is found has no order in time. */
struct ev_file_call {
	struct ev_call call;
	__u64 inode;
	__u64 length; /* truncate: asked for; setxattr: of the value */
	__u32 dev;    /* of the file system: major << 20 | minor */
	__u32 mode;   /* type and permissions, before the operation */
	__u32 arg_mode;
	__u32 arg_flags;
	__u32 arg_uid; /* chown: asked for; 0xffffffff leaves it */
	__u32 arg_gid;
	__u32 rdev;	   /* mknod: device asked for, major << 20 | minor */
	__u32 arg_resolve; /* openat2: RESOLVE_* */
	__u32 file_uid;	   /* owner before the operation, as the initial user namespace sees it */
	__u32 file_gid;
	struct ev_string name;	  /* as given; the old name of two */
	struct ev_string to_name; /* mount: the device */
	struct ev_string
		attribute;     /* setxattr, removexattr: its name; mounts: the file system's type */
	struct ev_string data; /* mount: options; umount, move_mount: the device */
	struct ev_path path;   /* as found */
	struct ev_path to_path;
};

#endif
