/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Wire structs of the process room: what the *.bpf.h beside it write and process.cpp describes. */
#ifndef GANCHO_PROCESS_H
#define GANCHO_PROCESS_H

#include "wire/event.h"
#include "wire/task.h"

/* bits of ev_header.present in an exec record */
#define EV_EXEC_HAS_BEFORE (1ULL << 0) /* credentials before */
#define EV_EXEC_HAS_AFTER (1ULL << 1)  /* credentials after: success only */
#define EV_EXEC_HAS_FILE (1ULL << 2)   /* device, inode, mode and what follows from them */
#define EV_EXEC_HAS_TTY (1ULL << 3)
#define EV_EXEC_HAS_SCRIPT (1ULL << 4) /* script_dev, script_inode */
#define EV_EXEC_HAS_ENV (1ULL << 5)    /* env: somebody asked for it, and it could be read */

/* flags of an exec record */
#define EV_EXEC_MEMFD (1u << 0) /* the program lives in memory only */
#define EV_EXEC_UPPER (1u << 1) /* on an overlay, and not from its lower layers */
#define EV_EXEC_SUID (1u << 2)	/* the file's set-user-id bit is on */
#define EV_EXEC_SGID (1u << 3)
#define EV_EXEC_SECURE \
	(1u << 4) /* the kernel told the program that it gained privilege (AT_SECURE) */
#define EV_EXEC_COMPAT (1u << 5) /* called through the 32-bit entry */
#define EV_EXEC_THREAD (1u << 6) /* called by a thread that was not the group's leader */
#define EV_EXEC_ARGS_TRUNCATED (1u << 7)
#define EV_EXEC_USER_MEMORY \
	(1u << 8) /* path as given was read from memory that the caller can change */
#define EV_EXEC_LINEAGE_TRUNCATED (1u << 9) /* there were more ancestors than EV_LINEAGE_MAX */
#define EV_EXEC_TAIL_FULL (1u << 10)	    /* some string found no room in the record */
#define EV_EXEC_KERNEL (1u << 11)	    /* existing: a thread of the kernel's own */
#define EV_EXEC_ENV_TRUNCATED (1u << 12)

/*
 * Also what a process was found to be that had been there before us (EV_PROCESS_EXISTING): as far as that
 * can be known later. Its credentials, `after`, are those that it has now.
 */
struct ev_process_exec {
	struct ev_header header; /* identity after the exec when it succeeded */
	__s32 error;		 /* 0, or a negative errno */
	__u32 flags;		 /* EV_EXEC_* */
	__u32 ppid;
	__u32 tid_before;	 /* the calling thread; an exec makes it the leader */
	__u64 parent_start_time; /* boot clock, ns */
	struct ev_credentials before;
	struct ev_credentials after;
	struct ev_namespaces ns;
	struct ev_container container;
	__u64 cgroup_id; /* in the v2 hierarchy */
	__u64 inode;
	__u32 dev;	  /* as the kernel keeps it: major << 20 | minor */
	__u32 generation; /* of the inode */
	__u64 script_inode;
	__u32 script_dev;
	__u32 mode;	/* type and permissions of the file */
	__u32 loginuid; /* 0xffffffff: never logged in */
	__u32 vpid;	/* pid as the process itself sees it */
	__u32 sid;	/* session, initial pid namespace */
	__u32 argc;	/* all of them, also those cut off */
	__u32 envc;
	__u32 tty;		   /* device of the controlling terminal, as dev */
	struct ev_string filename; /* path as given to the kernel */
	struct ev_string interp;   /* #! or binfmt interpreter as given, when there is one */
	struct ev_string args;	   /* each argument ends with NUL, the last may be cut */
	struct ev_string tty_name;
	struct ev_string lineage; /* struct ev_ancestor[], nearest first; 8-byte aligned */
	struct ev_string cgroup;  /* names from the leaf up, each ends with NUL */
	struct ev_string env; /* NAME=VALUE, each ends with NUL, the last may be cut; on demand */
	__u32 pad;
	struct ev_path exepath; /* the file that was loaded: for a script, its interpreter */
	struct ev_path script;
	struct ev_path cwd;
};

struct ev_process_fork {
	struct ev_header header;       /* the child */
	struct ev_container container; /* where the child begins; only in a record that is shown */
	__u64 parent_start_time;
	__u32 ppid; /* the process that called fork, also when another becomes the parent */
	__u32 parent_exec_count;
};

struct ev_process_exit {
	struct ev_header header;
	struct ev_container container; /* only in a record that is shown */
	__u64 lifetime;		       /* ns since start_time */
	__u64 user_time;	       /* of all threads, ns */
	__u64 system_time;
	__u64 peak_rss; /* bytes; of all programs that the process has run */
	__s32 status;	/* as exit(2) was given it */
	__u32 signal;	/* that ended it, 0 for none */
	__u32 core_dumped;
	__u32 ppid;
};

#define EV_PROCESS_COMPAT (1u << 0) /* by the 32-bit entry */

/* What the events below have in common. */
struct ev_process_call {
	struct ev_header header;
	struct ev_container container;
	__s32 error;   /* 0, or a negative errno */
	__u32 flags;   /* EV_PROCESS_* */
	__u32 syscall; /* number in its table */
	__u32 table;   /* 0: 64-bit, 1: 32-bit */
};

/* Beside struct ev_credentials. */
struct ev_credentials_more {
	__u32 fsuid;
	__u32 fsgid;
	__u32 securebits;
	__u32 user_ns;
	__u32 groups; /* how many supplementary ones */
	__u32 pad;
	__u64 cap_inheritable;
	__u64 cap_bounding;
	__u64 cap_ambient;
};

/* bits of ev_header.present in a change of credentials */
#define EV_CREDENTIALS_HAS_AFTER (1ULL << 0)
#define EV_CREDENTIALS_HAS_ASKED (1ULL << 1) /* asked[0]; the next bits: asked[1], asked[2] */

struct ev_process_credentials {
	struct ev_process_call call;
	struct ev_credentials before;
	struct ev_credentials after;
	struct ev_credentials_more before_more;
	struct ev_credentials_more after_more;
	__s32 asked[3]; /* ids that were refused */
	__u32 pad;
};

struct ev_process_loginuid {
	struct ev_process_call call;
	__u32 before; /* 0xffffffff: never logged in */
	__u32 after;
	__u32 session_before; /* 0xffffffff: none */
	__u32 session_after;
};

/* bits of ev_header.present in setsid, setpgid and terminal events */
#define EV_SESSION_HAS_TTY (1ULL << 0)

struct ev_process_session {
	struct ev_process_call call;
	__u32 sid;     /* of the caller, initial pid namespace */
	__u32 pgid;    /* the same */
	__s32 arg_pid; /* setpgid: as given */
	__s32 arg_pgid;
	__u32 tty; /* major << 20 | minor */
	struct ev_string tty_name;
};

struct ev_process_prctl {
	struct ev_process_call call;
	__u64 arg2;
	__u64 arg3;
	__u32 option;
	__u32 no_new_privs; /* of the thread, afterwards */
};

#endif
