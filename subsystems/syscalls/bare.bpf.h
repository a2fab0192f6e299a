/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations as the tracepoints of all system calls show them, for kernels that have nothing better. They say which
 * call it is and what the registers held; no function of the kernel's is at hand that has its own copy of a name, or
 * the object that it found. Both programs run in every system call of every task, so what comes first in them is the
 * look at whether anybody asked for a call of this number.
 */
#pragma once

#include "hooks/bare_enter.h"
#include "hooks/bare_exit.h"
#include "syscalls/attributes.bpf.h"
#include "syscalls/bare_call.bpf.h"
#include "syscalls/bare_io.bpf.h"
#include "syscalls/bare_privilege.bpf.h"
#include "syscalls/bare_sockets.bpf.h"
#include "syscalls/names.bpf.h"
#include "syscalls/open.bpf.h"
#include "syscalls/privilege.bpf.h"
#include "syscalls/raw_calls.bpf.h"

#define NR_EXECVE 59 /* asm/unistd_64.h */
#define NR32_EXECVE 11

static __always_inline void bare_raw_enter(struct hook_bare_enter *hook,
					   const struct gancho_filter *filter)
{
	struct hook_raw_enter raw = {.number = hook->number, .compat = hook->compat};

	if (!bare_has(EV_SYSCALL) || !raw_asked_of(filter, hook->number, hook->compat))
		return;
	syscall_args(raw.args);
	syscalls__raw_enter(&raw);
}

/*
 * A new program has the registers of an execve, whichever call it was, by the table of its own kind; and a signal's
 * handler comes back to a number that is none.
 */
static __always_inline bool raw_changes_number(__u32 number, __u32 compat)
{
	return number == (compat ? NR32_EXECVE : NR_EXECVE) || number >= CALLS_MAX;
}

static __always_inline void bare_raw_exit(struct hook_bare_exit *hook,
					  const struct gancho_filter *filter)
{
	struct hook_raw_return raw = {.result = hook->result};

	if (bare_has(EV_SYSCALL) && (raw_asked_of(filter, hook->number, hook->compat) ||
				     raw_changes_number(hook->number, hook->compat)))
		syscalls__raw_return(&raw);
}

/* ---- which operation a call is ---- */

#define AT_REMOVEDIR 0x200 /* uapi/linux/fcntl.h */
#define O_CREAT_FLAG 0100
#define O_WRONLY_FLAG 01
#define O_TRUNC_FLAG 01000

#define BARE_IN_64(name_, number, number32, ...) [number] = {__VA_ARGS__},
#define BARE_IN_32(name_, number, number32, ...) [number32] = {__VA_ARGS__},
#define BARE_ONLY(name_, number, ...) [number] = {__VA_ARGS__},
#define BARE_NOT(name_, number, ...)

static const struct bare_call bare_calls[2][CALLS_MAX] = {
	{BARE_CALLS(BARE_IN_64, BARE_ONLY, BARE_NOT)},
	{BARE_CALLS(BARE_IN_32, BARE_NOT, BARE_ONLY)},
};

/* NULL: of no operation. */
static __always_inline const struct bare_call *bare_call_of(__u32 number, __u32 compat)
{
	__u64 index = (__u64)(compat & 1) * CALLS_MAX + number;
	const struct bare_call *call;

	if (number >= CALLS_MAX)
		return NULL;
	barrier_var(index);
	index &= 2 * CALLS_MAX -
		 1; /* as it is already: for the verifier, which the compiler would spare it */
	call = &bare_calls[0][0] + index;
	return call->type ? call : NULL;
}

/* EV_NONE: not with these arguments. */
static __always_inline enum ev_type bare_type(const struct bare_call *call, const __u64 args[6])
{
	switch (call->way) {
	case BARE_NAME:
		if (call->remove && asked_argument(args, call->remove) & AT_REMOVEDIR)
			return EV_RMDIR;
		break;
	case BARE_DUP:
		if (!bare_may_land(call, args))
			return EV_NONE;
		break;
	case BARE_CLONE:
		if (call->flags && !(bare_clone_flags(call, args) & CLONE_NAMESPACES))
			return EV_NONE;
		break;
	case BARE_MMAP:
		if (!writes_and_runs(effective_prot(args[2])))
			return EV_NONE;
		break;
	case BARE_MPROTECT:
		if (!(effective_prot(args[2]) & PROT_EXEC))
			return EV_NONE;
		break;
	default:
		break;
	}
	return call->type;
}

#define BARE_SOCKET_EVENTS                                                            \
	(1ULL << EV_SOCKET % 64 | 1ULL << EV_SOCKETPAIR % 64 | 1ULL << EV_BIND % 64 | \
	 1ULL << EV_LISTEN % 64 | 1ULL << EV_CONNECT % 64 | 1ULL << EV_ACCEPT % 64)

/* A call that can be more than what its row says. */
static __always_inline __u64 bare_others(const struct bare_call *call)
{
	switch (call->way) {
	case BARE_SOCKET:
		return BARE_SOCKET_EVENTS;
	case BARE_COPY:
	case BARE_AIO:
		return 1ULL << EV_WRITE % 64;
	default:
		return 1ULL << EV_RMDIR % 64;
	}
}

/*
 * Before anything is looked at: whether somebody asks for what such a call can be. Some calls are frequent, and nearly
 * always nobody does. `before`: of another filter that counts, or NULL.
 */
static __always_inline bool bare_may_be(const struct bare_call *call,
					const struct gancho_filter *filter,
					const struct gancho_filter *before)
{
	__u32 word = call->type / 64 % (EV_TYPE_MAX / 64);
	__u64 asked = filter->events[word];

	if (before)
		asked |= before->events[word];
	asked &= settings.bare[word];
	if (asked >> call->type % 64 & 1)
		return true;
	return asked && call->several && asked & bare_others(call);
}

/* ---- what it was given ---- */

/*
 * Names, as long as they are not known: a page that is not there is not fetched for a program, so at the exit, when
 * the kernel has fetched it, they are tried once more.
 */
static __always_inline void bare_names(struct record_slot *slot, const struct bare_call *call,
				       const __u64 args[6])
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;

	if (call->name && !record->name.offset)
		call_user_name(slot, &record->name, asked_argument(args, call->name));
	if (call->to_name && !record->to_name.offset)
		call_user_name(slot, &record->to_name, asked_argument(args, call->to_name));
}

static __always_inline void bare_numbers(struct ev_file_call *record, const struct bare_call *call,
					 const __u64 args[6])
{
	record->arg_flags = asked_argument(args, call->flags);
	record->arg_mode = asked_argument(args, call->mode);
	if (!call->device) {
		record->arg_mode &= 07777;
		return;
	}
	record->arg_mode &= 0177777;
	record->rdev = name_device(asked_argument(args, call->device));
}

/* Where attributes.bpf.h finds the arguments of such a call. */
static __always_inline const struct asked *bare_asked(const struct bare_call *call)
{
	__u64 index = call->function;

	barrier_var(index); /* what is compared is what is used, for the verifier */
	if (index >= sizeof(asked_at_return) / sizeof(asked_at_return[0]))
		return NULL;
	return &asked_at_return[index];
}

/* All that was given; at the exit once more, when a name is missing. */
static __always_inline void bare_asked_fill(struct record_slot *slot, const struct bare_call *call,
					    const __u64 args[6])
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	const struct asked *at = bare_asked(call);

	if (!at)
		return;
	if ((at->name && !record->name.offset) || (at->to_name && !record->to_name.offset) ||
	    (at->attribute && !record->attribute.offset) || (!at->name && !at->attribute))
		asked_fill(slot, at, args);
	if (call->type == EV_MOUNT && !record->data.offset)
		call_user_name(slot, &record->data, args[4]);
}

/* The file that a descriptor stands for when the call begins; the kernel may find another one by it. */
static __always_inline void bare_file(struct record_slot *slot, __u32 fd)
{
	struct file *file = file_of_fd(fd);

	if (file)
		object_found_at(slot, (__u64)__builtin_preserve_access_index(&file->f_path));
}

/* Of a record that privilege.bpf.h has begun, or not. */
static __always_inline void bare_privilege_names(const struct bare_call *call, const __u64 args[6])
{
	struct record_slot *slot = pending_find();
	struct ev_privilege_call *record = call_pending(slot, call->type);

	if (!record)
		return;
	if (call->name && !record->name.offset)
		call_user_name(slot, &record->name, asked_argument(args, call->name));
	if (call->to_name && !record->more.offset)
		call_user_name(slot, &record->more, asked_argument(args, call->to_name));
}

static __always_inline void bare_privilege_begin(const struct bare_call *call, const __u64 args[6])
{
	struct hook_syscall_enter hook = {.call = call->function};
	struct record_slot *slot;
	struct file *file;

	__builtin_memcpy(hook.args, args, sizeof(hook.args));
	privilege_enter(&hook);
	bare_privilege_names(call, args);
	if (!call->fd)
		return;
	slot = pending_find();
	file = file_of_fd(asked_argument(args, call->fd));
	if (file && call_pending(slot, call->type))
		file_found(slot, (__u64)file);
}

static __always_inline void bare_privilege_end(const struct bare_call *call, const __u64 args[6],
					       long result)
{
	struct hook_syscall_return hook = {.call = call->function, .result = result};
	struct record_slot *slot;

	__builtin_memcpy(hook.args, args, sizeof(hook.args));
	bare_privilege_names(call, args);
	if (call->type == EV_DUP && result >= 0) {
		slot = pending_find();
		if (call_pending(slot, EV_DUP))
			file_found(slot, (__u64)file_of_fd(result));
	}
	privilege_return(&hook);
}

/* ---- open, which may block, and what is known when it is over ---- */

/* The file that the new descriptor stands for: a thread can have put another one there since. */
static __always_inline void bare_opened(struct record_slot *slot, __u32 fd)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct file *file = file_of_fd(fd);
	struct inode *inode;
	struct path path;

	record->call.header.present |= EV_FILE_HAS_FD;
	if (!file)
		return;
	inode = BPF_CORE_READ(file, f_inode);
	record->inode = BPF_CORE_READ(inode, i_ino);
	record->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode);
	record->call.header.present |= EV_FILE_HAS_OBJECT;
	if (!paths_left_out(EV_OPEN)) {
		BPF_CORE_READ_INTO(&path, file, f_path);
		path_append(slot, &record->path, &path, plain(bpf_get_current_task_btf()));
	}
	if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED || record->arg_flags & O_TMPFILE_FLAG)
		record->call.flags |= EV_CALL_CREATED;
}

static __always_inline void bare_open_numbers(struct ev_file_call *record,
					      const struct bare_call *call, const __u64 args[6])
{
	struct open_how how = {};

	if (call->how) {
		if (bpf_probe_read_user(&how, sizeof(how), (void *)asked_argument(args, call->how)))
			return;
		record->call.flags |= EV_CALL_USER_MEMORY;
		record->arg_flags = how.flags;
		record->arg_mode = how.mode & 07777;
		record->arg_resolve = how.resolve;
		return;
	}
	bare_numbers(record, call, args);
	if (!call->flags) /* creat */
		record->arg_flags = O_CREAT_FLAG | O_WRONLY_FLAG | O_TRUNC_FLAG;
	/* Else the kernel does not look at it, and the register holds anything. */
	if (!(record->arg_flags & (O_CREAT_FLAG | O_TMPFILE_FLAG)))
		record->arg_mode = 0;
}

static __always_inline void bare_open(const struct bare_call *call, const __u64 args[6],
				      long result)
{
	struct record_slot *slot = call_begin(EV_OPEN, sizeof(struct ev_file_call));

	if (!slot)
		return;
	bare_open_numbers((struct ev_file_call *)slot->record, call, args);
	bare_names(slot, call, args);
	if (result >= 0)
		bare_opened(slot, result);
	call_end(slot, call_result(result));
}

/* ---- the call is let in, and comes back ---- */

/* Its record is begun when it is over. */
static __always_inline bool bare_has_one_moment(const struct bare_call *call)
{
	switch (call->way) {
	case BARE_OPEN:
	case BARE_DUP:
	case BARE_CLONE:
	case BARE_MMAP:
		return true;
	case BARE_PRIVILEGE:
		return privilege_has_one_moment(call->function);
	default:
		return false;
	}
}

/* What such a call's end has to know of its begin. */
static __always_inline void bare_keep(struct bare_mark *mark, const struct bare_call *call,
				      const __u64 args[6], bool known)
{
	if (call->way == BARE_CLONE)
		mark->args[0] = bare_clone_flags(call, args);
	if (call->way == BARE_MMAP)
		bare_mmap_keep(mark, args, known);
}

/* Functions of their own, so that the verifier goes through them once. */
__noinline int bare_begin(__u32 number, __u32 compat)
{
	const struct bare_call *call = bare_call_of(number, compat);
	struct record_slot *slot;
	enum ev_type type;
	__u64 args[6];
	bool known;

	if (!call)
		return 0;
	syscall_args(args);
	known = bare_mmap_given(call, args);
	type = known ? bare_type(call, args) : call->type;
	if (!call_wanted(type))
		return 0;
	if (bare_has_one_moment(call)) {
		struct bare_mark *mark = bare_mark(number, compat);

		if (mark)
			bare_keep(mark, call, args, known);
		return 0;
	}
	if (call->way == BARE_MPROTECT)
		return bare_mprotect_begin(args[0], args[1], args[2]);
	if (call->way == BARE_PRIVILEGE) {
		bare_privilege_begin(call, args);
		return 0;
	}
	slot = call_claim(type, sizeof(struct ev_file_call));
	if (!slot)
		return 0;
	if (call->way == BARE_ASKED) {
		if (call->fd)
			bare_file(slot, args[0]);
		bare_asked_fill(slot, call, args);
		return 0;
	}
	bare_numbers((struct ev_file_call *)slot->record, call, args);
	bare_names(slot, call, args);
	return 0;
}

__noinline int bare_end(__u32 number, __u32 compat, long result)
{
	const struct bare_call *call = bare_call_of(number, compat);
	struct bare_mark *mark = NULL;
	struct record_slot *slot;
	__u64 args[6];

	if (!call)
		return 0;
	syscall_args(args);
	if (bare_has_one_moment(call)) {
		mark = bare_marked(number, compat);
		if (!mark)
			return 0;
	}
	switch (call->way) {
	case BARE_OPEN:
		bare_open(call, args, result);
		return 0;
	case BARE_DUP:
		bare_dup_end(call, args, result);
		return 0;
	case BARE_CLONE:
		if (mark)
			bare_clone_end(call, mark->args[0], args, result);
		return 0;
	case BARE_MMAP:
		if (mark)
			bare_mmap_end(call, mark, args, result);
		return 0;
	case BARE_MPROTECT:
		memory_protected(args[0], args[1], result);
		return 0;
	default:
		break;
	}
	if (call->way == BARE_PRIVILEGE) {
		bare_privilege_end(call, args, call_result(result));
		return 0;
	}
	slot = pending_find();
	if (!call_pending(slot, bare_type(call, args)))
		return 0;
	if (call->way == BARE_ASKED)
		bare_asked_fill(slot, call, args);
	else
		bare_names(slot, call, args);
	call_end(slot, call_result(result));
	return 0;
}

static __always_inline void syscalls__bare_enter(struct hook_bare_enter *hook)
{
	const struct gancho_filter *filter = filter_now();
	const struct bare_call *call;

	bare_raw_enter(hook, filter);
	call = bare_call_of(hook->number, hook->compat);
	if (!call || !bare_may_be(call, filter, NULL))
		return;
	if (call->way == BARE_SOCKET)
		bare_socket_begin(hook->number, hook->compat, call->function);
	else if (call->way == BARE_IO)
		bare_io_begin(hook->number, hook->compat, call->type);
	else if (call->way == BARE_COPY)
		bare_copy_begin(hook->number, hook->compat, call->function);
	else if (call->way == BARE_AIO)
		bare_aio_begin(hook->number, hook->compat);
	else
		bare_begin(hook->number, hook->compat);
}

static __always_inline void syscalls__bare_exit(struct hook_bare_exit *hook)
{
	const struct bare_call *call;

	bare_raw_exit(hook, filter_now());
	call = bare_call_of(hook->number, hook->compat);
	/* A reload may have come in between: what the filter before it let in is sent. */
	if (!call || !bare_may_be(call, &policy.filters[0], &policy.filters[1]))
		return;
	if (call->way == BARE_SOCKET)
		bare_socket_end(hook->number, hook->compat, call->function, hook->result);
	else if (call->way == BARE_IO)
		bare_io_end(hook->number, hook->compat, call->type, call->function, hook->result);
	else if (call->way == BARE_COPY)
		bare_copy_end(hook->number, hook->compat, call->function, hook->result);
	else if (call->way == BARE_AIO)
		bare_aio_end(hook->number, hook->compat, hook->result);
	else
		bare_end(hook->number, hook->compat, hook->result);
}
