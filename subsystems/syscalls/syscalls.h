/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Wire structs of the syscalls room: one record for each operation, whatever entry it came by. */
#ifndef GANCHO_SYSCALLS_H
#define GANCHO_SYSCALLS_H

#include "wire/event.h"
#include "wire/socket.h"
#include "wire/task.h"

/* bits of ev_header.present in a file operation */
#define EV_FILE_HAS_OBJECT (1ULL << 0) /* device, inode, mode of the file */
#define EV_FILE_HAS_FD (1ULL << 1)     /* call.result is a descriptor */

/* bits of ev_header.present in a socket operation */
#define EV_SOCKET_HAS_SOCKET (1ULL << 0)  /* socket: it was read */
#define EV_SOCKET_HAS_FD (1ULL << 1)	  /* fd: by which descriptor it was asked for */
#define EV_SOCKET_HAS_NEW_FD (1ULL << 2)  /* call.result is a descriptor */
#define EV_SOCKET_HAS_PAIR (1ULL << 3)	  /* fd and pair_fd are the descriptors that were made */
#define EV_SOCKET_HAS_PEER (1ULL << 4)	  /* socket.peer_* */
#define EV_SOCKET_HAS_ADDRESS (1ULL << 5) /* address */

/* flags of an operation */
#define EV_CALL_USER_MEMORY \
	(1u << 0) /* names as given were read from memory that the caller can change */
#define EV_CALL_COMPAT (1u << 1)    /* by the 32-bit entry; syscall is a number of its table */
#define EV_CALL_IO_URING (1u << 2)  /* submitted to a ring: syscall is 0, or io_uring_enter */
#define EV_CALL_TAIL_FULL (1u << 3) /* some string found no room in the record */
#define EV_CALL_CREATED (1u << 4)   /* open: the file was not there before */
#define EV_CALL_ASYNC (1u << 5) /* read, write: under way when the kernel's function came back */

/* Which table a call's number is of. */
#define EV_TABLE_64 0
#define EV_TABLE_32 1
#define EV_TABLE_NONE 2 /* a worker of an io_uring makes no call */

/* What all operations have in common. Ids as the initial user namespace sees them. */
struct ev_call {
	struct ev_header header;
	struct ev_container container;
	__s64 result; /* what the call gave: a descriptor, a number of bytes; 0 when it failed */
	__u64 cgroup_id;
	__s32 error; /* 0, or a negative errno */
	__u32 flags; /* EV_CALL_* */
	__u32 uid;
	__u32 euid;
	__u32 gid;
	__u32 egid;
	__u32 syscall; /* number in the table of its entry */
	__u32 table;   /* EV_TABLE_* */
};

/* An operation on a file by name, or on two. What is given and what is found has no order in time. */
struct ev_file_call {
	struct ev_call call;
	__u64 inode;
	__u64 length; /* truncate: asked for; setxattr: of the value */
	__u64 flags;  /* setxattr, mount, umount, move_mount: asked for */
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

/* bits of ev_header.present in a read or a write */
#define EV_IO_HAS_RESULT (1ULL << 0) /* call.result: bytes that were moved */
#define EV_IO_HAS_SIZE (1ULL << 1)
#define EV_IO_HAS_OFFSET (1ULL << 2)
#define EV_IO_HAS_ORIGIN (1ULL << 3)
#define EV_IO_HAS_SOCKET (1ULL << 4) /* the file is a socket */

/* How a program has come by a descriptor that it did not open itself. */
#define EV_ORIGIN_INHERITED 1 /* it was there when the program was executed */
#define EV_ORIGIN_RECEIVED 2  /* over a Unix socket, by pidfd_getfd(2), from a seccomp supervisor */

/* Bytes that a process has read from a file, or written to it. */
struct ev_io_call {
	struct ev_call call;
	__u64 inode;
	__u64 size;   /* asked for, bytes */
	__u64 offset; /* in the file, where it began */
	__u32 dev;    /* of the file system: major << 20 | minor */
	__u32 mode;   /* type and permissions */
	__u32 origin; /* EV_ORIGIN_* */
	__u32 pad;
	struct ev_path path;
	struct ev_socket socket;
};

/* An operation on a socket. */
struct ev_socket_call {
	struct ev_call call;
	struct ev_socket socket;    /* as the operation left it */
	struct ev_address address;  /* asked for: the kernel's copy, as given */
	struct ev_socket_kind kind; /* asked for; accept: of the type, its flags */
	__s32 fd;
	__s32 pair_fd;
	__s32 backlog;
	__u32 pad;
};

/* bits of ev_header.present in an operation on another process, or on the kernel */
#define EV_PRIVILEGE_HAS_PID (1ULL << 0)    /* pid was given */
#define EV_PRIVILEGE_HAS_TID (1ULL << 1)    /* tid was given */
#define EV_PRIVILEGE_HAS_FD (1ULL << 2)	    /* fd was given */
#define EV_PRIVILEGE_HAS_TARGET (1ULL << 3) /* target: the kernel has found it */
#define EV_PRIVILEGE_HAS_COPY (1ULL << 4)   /* the kernel has copied the structure that was given */
#define EV_PRIVILEGE_HAS_FILE (1ULL << 5)   /* dev, inode, mode */
#define EV_PRIVILEGE_HAS_NEW_FD (1ULL << 6) /* call.result is a descriptor */
#define EV_PRIVILEGE_HAS_RESULT (1ULL << 7) /* call.result says something else */
#define EV_PRIVILEGE_HAS_SOCKET (1ULL << 8) /* the file is a socket */
#define EV_PRIVILEGE_HAS_COUNT (1ULL << 9)  /* count is that of all targets */
#define EV_PRIVILEGE_HAS_MAP (1ULL << 10)   /* a BPF map */
#define EV_PRIVILEGE_HAS_PROGRAM (1ULL << 11)
#define EV_PRIVILEGE_HAS_BEFORE (1ULL << 12) /* memory that was mapped already */

/* flags of such an operation, from the end of those in ev_call.flags */
#define EV_CALL_MAPPING_WRITTEN (1u << 31) /* a private mapping that has pages of its own */

/* Another task, as the kernel found it. */
struct ev_target {
	__u64 start_time; /* of the process, boot clock, ns */
	__u32 pid;	  /* of the process, initial pid namespace */
	__u32 tid;
	__u32 uid; /* real */
	__u32 euid;
	__u8 comm[EV_COMM_LEN];
};

/* Which members mean what is said by each event (privilege.h). */
struct ev_privilege_call {
	struct ev_call call;
	struct ev_target target;
	struct ev_namespaces ns_before; /* the caller's */
	struct ev_namespaces ns;	/* the same, afterwards */
	__u64 flags;
	__u64 address;
	__u64 length;
	__u64 data;
	__u64 before; /* protection of the memory */
	__u64 inode;
	__u32 dev;  /* of the file system: major << 20 | minor */
	__u32 mode; /* type of the file: S_IFMT */
	__s32 pid;  /* as given, in the caller's pid namespace */
	__s32 tid;
	__s32 fd;
	__u32 number; /* signal, request, command, option ... */
	__u32 kind;   /* type of program, of counter ... */
	__u32 count;
	struct ev_socket socket;
	struct ev_string name;
	struct ev_string more;
	struct ev_path path;
};

/* bits of ev_header.present in a call that was asked for by its name */
#define EV_RAW_HAS_RETURNED (1ULL << 0) /* call.result as it is, call.error, latency */

/* Any system call, as the caller's registers had it. */
struct ev_raw_call {
	struct ev_call call;
	__u64 latency; /* from the entry to the return, ns */
	__u64 args[6];
};

#endif
