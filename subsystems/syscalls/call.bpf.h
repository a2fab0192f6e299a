/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What all operations of the syscalls room share: who calls, by what entry, and the end. */
#pragma once

#include "container.bpf.h"
#include "filter.bpf.h"
#include "hooks/raw_enter.h"
#include "lineage.bpf.h"
#include "path.bpf.h"
#include "pending.bpf.h"
#include "syscalls/syscalls.h"

#define PF_IO_WORKER 0x00000010 /* linux/sched.h */
#define NR_IO_URING_ENTER 426

/* Not errors to the caller: who is interrupted sees EINTR, or the call begun again. linux/errno.h */
#define ERESTARTSYS 512
#define ERESTART_LAST 516

static __always_inline long call_result(long result)
{
	return result <= -ERESTARTSYS && result >= -ERESTART_LAST ? -EINTR : result;
}

/*
 * Whether the events of this type come from the tracepoints of all system calls (bare.bpf.h), and not from better
 * hooks. A constant for the verifier.
 */
static __always_inline bool bare_has(enum ev_type type)
{
	return settings.bare[type / 64 % (EV_TYPE_MAX / 64)] >> type % 64 & 1;
}

/* Is an operation of the current task wanted? */
static __always_inline bool call_wanted(enum ev_type type)
{
	const struct gancho_filter *filter = filter_now();

	if (!filter_has(filter, type))
		return false;
	if (current_let_in(filter))
		return true;
	account_filtered(EV_CLASS_BULK);
	return false;
}

/* Fills what all operations have in common; the rest of the fixed part is zero. */
static __always_inline void call_fill(struct record_slot *slot, enum ev_type type)
{
	struct ev_call *call = (struct ev_call *)slot->record;
	struct task_struct *trusted = bpf_get_current_task_btf(), *task = plain(trusted);
	const struct cred *cred = task->cred;
	struct pt_regs *regs;

	header_fill(&call->header, type, EV_CLASS_BULK, task);
	call->uid = cred->uid.val;
	call->euid = cred->euid.val;
	call->gid = cred->gid.val;
	call->egid = cred->egid.val;
	call->cgroup_id = bpf_get_current_cgroup_id();
	container_fill_current(slot, offsetof(struct ev_call, container));
	if (task->flags & PF_IO_WORKER) {
		call->flags = EV_CALL_IO_URING;
		call->table = EV_TABLE_NONE;
		/* The worker is a thread of the process by another name. */
		BPF_CORE_READ_INTO(&call->header.comm, task, group_leader, comm);
		return;
	}
	regs = (struct pt_regs *)bpf_task_pt_regs(trusted);
	call->syscall = regs->orig_ax;
	if (task->thread_info.status & TS_COMPAT) {
		call->flags = EV_CALL_COMPAT;
		call->table = EV_TABLE_32;
	} else if (call->syscall == NR_IO_URING_ENTER) {
		call->flags = EV_CALL_IO_URING;
	}
}

/* What call_fill() and the emission do not write. */
static __always_inline void call_clear(struct record_slot *slot, __u32 fixed_bytes)
{
	struct ev_header *header = (struct ev_header *)slot->record;

	header->flags = 0;
	header->present = 0;
	__builtin_memset(header + 1, 0, fixed_bytes - sizeof(*header));
}

/* call_begin() of an operation that is known to be wanted. */
static __always_inline struct record_slot *call_claim(enum ev_type type, __u32 fixed_bytes)
{
	struct record_slot *slot = pending_claim(EV_CLASS_BULK, fixed_bytes);

	if (!slot)
		return NULL;
	call_clear(slot, fixed_bytes);
	call_fill(slot, type);
	return slot;
}

/* The number without the mark of the x32 entry. */
static __always_inline __u32 call_number(const struct ev_call *call)
{
	return call->syscall & ~X32_SYSCALL_BIT;
}

/* It is known to come from a ring, whatever system call the task is in. */
static __always_inline void call_by_ring(struct ev_call *call)
{
	call->flags = EV_CALL_IO_URING;
	if (call->syscall == NR_IO_URING_ENTER)
		return;
	call->syscall = 0;
	call->table = EV_TABLE_NONE;
}

/* It is done with these credentials, and not with those of the task. */
static __always_inline void call_as(struct ev_call *call, const struct cred *cred)
{
	call->uid = BPF_CORE_READ(cred, uid.val);
	call->euid = BPF_CORE_READ(cred, euid.val);
	call->gid = BPF_CORE_READ(cred, gid.val);
	call->egid = BPF_CORE_READ(cred, egid.val);
}

/*
 * A record that will be sent by another hook; NULL when the operation is not wanted. fixed_bytes, a
 * constant, is the size of its struct, which begins with a struct ev_call.
 */
static __always_inline struct record_slot *call_begin(enum ev_type type, __u32 fixed_bytes)
{
	return call_wanted(type) ? call_claim(type, fixed_bytes) : NULL;
}

/* The record under way, when it is of this type; else NULL. */
static __always_inline void *call_pending(struct record_slot *slot, enum ev_type type)
{
	struct ev_header *header;

	if (!slot)
		return NULL;
	header = (struct ev_header *)slot->record;
	return header->type == type ? header : NULL;
}

/* result: what the function returned, a negative errno or what the call gives. */
static __always_inline void call_end(struct record_slot *slot, long result)
{
	struct ev_call *call = (struct ev_call *)slot->record;

	if (result < 0)
		call->error = result;
	else
		call->result = result;
	if (slot->tail >= TAIL_LIMIT)
		call->flags |= EV_CALL_TAIL_FULL;
	slot_emit(slot);
	slot_release(slot);
}

/* A name as the kernel has copied it from the caller; false when that failed. */
static __always_inline bool call_name(struct record_slot *slot, struct ev_string *to,
				      struct filename *name)
{
	if ((__u64)name >= (__u64)-MAX_ERRNO)
		return false;
	if (reads_in_place) { /* it lies in a buffer of PATH_MAX bytes */
		const char *bytes = typed(name, true)->name;

		if (!bytes) /* what is read from nowhere is zero */
			return false;
		return tail_short_string(slot, to, bytes) || tail_kernel_string(slot, to, bytes);
	}
	return tail_kernel_string(slot, to, BPF_CORE_READ(name, name));
}

/*
 * A name that only the caller's memory has. When it is read the kernel has used it already, so it can be
 * another one by now.
 */
static __always_inline void call_user_name(struct record_slot *slot, struct ev_string *to,
					   __u64 from)
{
	struct ev_call *call = (struct ev_call *)slot->record;

	if (from && tail_user_string(slot, to, (const void *)from))
		call->flags |= EV_CALL_USER_MEMORY;
}
