/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What every record has in common, on both sides of the ring.
 *
 * Plain C, fixed width, no holes, never packed (clang would copy a packed struct byte by byte).
 * The C++ side checks the layout with static_assert; a test compares it with the object's BTF.
 * Byte order is the machine's; a recording says which (src/event/recording.h).
 *
 * A record is its fixed struct followed by a tail of bytes. Strings, paths and arrays live in the
 * tail and are reached through an offset from the record's first byte.
 */
#ifndef GANCHO_WIRE_EVENT_H
#define GANCHO_WIRE_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define EV_COMM_LEN 16	 /* the kernel's TASK_COMM_LEN */
#define EV_PATH_MAX 4096 /* longest path, command line or name that a record carries, bytes */

/* The account that a record's number belongs to, and the ring that it travels in. */
enum ev_class {
	EV_CLASS_VITAL = 0, /* lifecycle; a ring of its own, which a flood of bulk cannot fill */
	EV_CLASS_BULK = 1,  /* everything else; rings chosen by process id */
	EV_CLASS_COUNT = 2,
};

/*
 * One list for all rooms, so that an id never means two things; ids are never used again. The process
 * room's from 1 on, the syscalls room's from 32 on.
 */
enum ev_type {
	EV_NONE = 0,
	EV_PROCESS_EXEC = 1,
	EV_PROCESS_FORK = 2,
	EV_PROCESS_EXIT = 3,
	EV_PROCESS_EXISTING = 4,
	EV_PROCESS_CREDENTIALS = 16,
	EV_PROCESS_LOGINUID = 17,
	EV_PROCESS_SETSID = 18,
	EV_PROCESS_SETPGID = 19,
	EV_PROCESS_TERMINAL = 20,
	EV_PROCESS_PRCTL = 21,

	EV_OPEN = 32,
	EV_UNLINK = 33,
	EV_RMDIR = 34,
	EV_RENAME = 35,
	EV_LINK = 36,
	EV_SYMLINK = 37,
	EV_MKDIR = 38,
	EV_MKNOD = 39,
	EV_CHMOD = 40,
	EV_CHOWN = 41,
	EV_TRUNCATE = 42,
	EV_MOUNT = 43,
	EV_UMOUNT = 44,
	EV_MOVE_MOUNT = 45,
	EV_SETXATTR = 46,
	EV_REMOVEXATTR = 47,
	EV_PIVOT_ROOT = 48,
	EV_CHROOT = 49,
	EV_CHDIR = 50,
	EV_READ = 51,
	EV_WRITE = 52,
	EV_HANDED_OVER = 53, /* no record: descriptors that are handed over are kept account of */

	EV_SOCKET = 64,
	EV_SOCKETPAIR = 65,
	EV_BIND = 66,
	EV_LISTEN = 67,
	EV_CONNECT = 68,
	EV_ACCEPT = 69,

	EV_KILL = 80,
	EV_PTRACE = 81,
	EV_PROCESS_VM = 82,
	EV_SETNS = 83,
	EV_UNSHARE = 84,
	EV_CLONE = 85,
	EV_BPF = 86,
	EV_PERF_EVENT_OPEN = 87,
	EV_MODULE_LOAD = 88,
	EV_MODULE_DELETE = 89,
	EV_KEXEC = 90,
	EV_KEYCTL = 91,
	EV_ADD_KEY = 92,
	EV_REQUEST_KEY = 93,
	EV_MEMFD_CREATE = 94,
	EV_IO_URING_SETUP = 95,
	EV_USERFAULTFD = 96,
	EV_MEMORY_EXEC = 97,
	EV_DUP = 98,

	EV_SYSCALL = 112,

	EV_TYPE_MAX = 128, /* a multiple of 64 */
};

/*
 * (pid, start_time, exec_count) names one program image in one process, for as long as the machine
 * is up: pids come back, start times do not, and exec_count tells the images of one process apart.
 */
struct ev_header {
	__u32 size;	  /* of the whole record, bytes */
	__u16 type;	  /* enum ev_type */
	__u8 class_id;	  /* enum ev_class */
	__u8 flags;	  /* EV_FOR_* */
	__u64 number;	  /* in (class, cpu), from 0, without gaps when nothing is lost */
	__u64 time;	  /* boot clock, ns */
	__u64 present;	  /* bit i: the field group that the event's schema calls i was read */
	__u64 start_time; /* of the process, boot clock, ns */
	__u32 exec_count; /* programs that the process and the forebears it was forked from have executed */
	__u32 pid; /* of the process (thread group), in the initial pid namespace */
	__u32 tid; /* of the thread */
	__u32 cpu;
	__u8 comm[EV_COMM_LEN]; /* of the thread; not terminated when 16 bytes long */
};

#define EV_FOR_TABLE 1 /* sent for the process table only: nobody asked to see it */

/* Bytes in the tail. offset 0: absent. Any byte may occur, NUL at the end is not included. */
struct ev_string {
	__u16 offset;
	__u16 length;
};

/*
 * A path as far up as the mount tree goes. Its first root_length bytes lie above the process's root
 * directory (0 without chroot), so bytes [root_length, length) are the path as the process sees it.
 */
struct ev_path {
	__u16 offset;
	__u16 length;
	__u16 root_length;
	__u16 flags;	       /* EV_PATH_* */
} __attribute__((aligned(8))); /* set in one go */

#define EV_PATH_UNREACHABLE 1 /* the process's root was not met on the way up */
#define EV_PATH_DELETED 2     /* the name was unlinked */
#define EV_PATH_TRUNCATED 4   /* only the last EV_PATH_MAX bytes or so are here */
#define EV_PATH_DETACHED 8    /* the walk ended in a mount that hangs nowhere */

/*
 * One program image in the ancestry of another: who was executed, and by which process. A process
 * that was forked and never executed anything is the same image as its parent, so it has no entry.
 */
struct ev_ancestor {
	__u64 start_time; /* of the process that executed it, boot clock, ns */
	__u32 pid;
	__u32 exec_count;
	__u8 comm[EV_COMM_LEN];
};

#define EV_LINEAGE_MAX 16 /* ancestors kept, nearest first */

#endif
