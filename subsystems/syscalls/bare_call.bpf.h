/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is said of a call by its row in the table (bare_calls.h), and what is kept from its entry to its exit. */
#pragma once

#include "syscalls/bare_calls.h"
#include "syscalls/call.bpf.h"

/* Numbers of the call's arguments, from 1 on; 0: it has none such. */
struct bare_call {
	__u8 type; /* enum ev_type; 0: not ours */
	__u8 way;  /* enum bare_way */
	__u8 name;
	__u8 to_name;
	__u8 mode;
	__u8 flags;
	__u8 device;
	__u8 remove;	/* whose AT_REMOVEDIR makes an unlink an rmdir */
	__u8 how;	/* struct open_how */
	__u8 fd;	/* of the file that it works by */
	__u16 function; /* enum probe_function: at which other hooks have such a call */
	__u8 several;	/* events that it can be */
	__u8 pad[3];
};

/* Kept where no record is under way: a call that may block must not hold one of few places. */
struct bare_mark {
	__u32 number; /* of a call that was let in and has not come back; its table */
	__u32 table;
	__u64 args[6]; /* those of its arguments that others could change until it is back */
	__u64 file;    /* that its descriptor stood for; 0: none */
	__u64 to_file; /* of a call that copies: that it wrote to */
	__u32 known;   /* args are */
	__u32 pad;
};

#define BARE_UNMARKED 0xffffffff

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct bare_mark);
} bare_marks SEC(".maps");

/* NULL when there is no room; that is accounted for. */
static __always_inline struct bare_mark *bare_mark(__u32 number, __u32 compat)
{
	struct bare_mark *mark = bpf_task_storage_get(&bare_marks, bpf_get_current_task_btf(), NULL,
						      BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!mark) {
		account_no_slot(EV_CLASS_BULK);
		return NULL;
	}
	mark->number = number;
	mark->table = compat;
	mark->known = 0;
	return mark;
}

/* What comes back was let in, else NULL: seccomp can make a call come back that never was one. */
static __always_inline struct bare_mark *bare_marked(__u32 number, __u32 compat)
{
	struct bare_mark *mark =
		bpf_task_storage_get(&bare_marks, bpf_get_current_task_btf(), NULL, 0);
	bool same;

	if (!mark)
		return NULL;
	same = mark->number == number && mark->table == compat;
	mark->number = BARE_UNMARKED;
	return same ? mark : NULL;
}

/* The file that a descriptor stands for at both ends of the call, else NULL: a thread has exchanged it. */
static __always_inline struct file *bare_same_file(__u64 before, __u32 fd)
{
	struct file *file = file_of_fd(fd);

	return (__u64)file == before ? file : NULL;
}
