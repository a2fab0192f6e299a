/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Any system call that was asked for by its name, as the caller's registers had it. What it is goes by its number
 * and table, not by the function that was hooked: several calls share one.
 *
 * What was given is kept from the entry on in storage of the task's own: execve and sigreturn come back with other
 * registers, and a call may block for as long as it likes.
 */
#pragma once

#include "hooks/raw_enter.h"
#include "hooks/raw_return.h"
#include "syscalls/call.bpf.h"

#define NR_EXIT 60 /* asm/unistd_64.h */
#define NR_EXIT_GROUP 231
#define NR32_EXIT 1 /* asm/unistd_32.h */
#define NR32_EXIT_GROUP 252

struct raw_call {
	__u64 began; /* boot clock, ns; 0: none is under way */
	__u64 args[6];
	__u32 number;
	__u32 compat;
	__u32 generation; /* of the policy that it began under */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct raw_call);
} raw_calls SEC(".maps");

static __always_inline bool raw_asked_of(const struct gancho_filter *filter, __u32 number,
					 __u32 compat)
{
	if (!filter_has(filter, EV_SYSCALL) || number >= CALLS_MAX)
		return false;
	barrier_var(number); /* what is compared is what is used, for the verifier */
	return filter->calls[compat & 1][number / 64 % (CALLS_MAX / 64)] >> number % 64 & 1;
}

static __always_inline bool raw_asked(__u32 number, __u32 compat)
{
	return raw_asked_of(filter_now(), number, compat);
}

static __always_inline bool raw_returns(__u32 number, __u32 compat)
{
	return compat ? number != NR32_EXIT && number != NR32_EXIT_GROUP
		      : number != NR_EXIT && number != NR_EXIT_GROUP;
}

static __always_inline struct record_slot *raw_begin(const struct raw_call *from)
{
	struct record_slot *slot = slot_claim(sizeof(struct ev_raw_call));
	struct ev_raw_call *record;

	if (!slot) {
		account_no_slot(EV_CLASS_BULK);
		return NULL;
	}
	record = (struct ev_raw_call *)slot->record;
	__builtin_memset(record, 0, sizeof(*record));
	call_fill(slot, EV_SYSCALL);
	record->call.syscall = from->number;
	record->call.table = from->compat ? EV_TABLE_32 : EV_TABLE_64;
	record->call.flags = from->compat ? EV_CALL_COMPAT : 0;
	__builtin_memcpy(record->args, from->args, sizeof(record->args));
	return slot;
}

static __always_inline void raw_send(struct record_slot *slot)
{
	slot_emit(slot);
	slot_release(slot);
}

static __always_inline void syscalls__raw_enter(struct hook_raw_enter *hook)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct record_slot *slot;
	struct raw_call *call;

	if (!raw_asked(hook->number, hook->compat) || !call_wanted(EV_SYSCALL))
		return;
	if (!raw_returns(hook->number, hook->compat)) {
		struct raw_call last = {.number = hook->number, .compat = hook->compat};

		__builtin_memcpy(last.args, hook->args, sizeof(last.args));
		slot = raw_begin(&last);
		if (slot)
			raw_send(slot);
		return;
	}
	call = bpf_task_storage_get(&raw_calls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		account_no_slot(EV_CLASS_BULK);
		return;
	}
	/* The one before has come back unseen: more were under way than the kernel has probes of returns for. */
	if (call->began && call->generation == policy_generation())
		account_no_slot(EV_CLASS_BULK);
	call->number = hook->number;
	call->compat = hook->compat;
	call->generation = policy_generation();
	__builtin_memcpy(call->args, hook->args, sizeof(call->args));
	call->began = bpf_ktime_get_boot_ns();
}

static __always_inline void syscalls__raw_return(struct hook_raw_return *hook)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct raw_call *call = bpf_task_storage_get(&raw_calls, task, NULL, 0);
	struct ev_raw_call *record;
	struct record_slot *slot;
	long result = hook->result;
	__u64 began;

	if (!call || !call->began)
		return;
	began = call->began;
	call->began = 0;
	/* Nobody asks for it any more. */
	if (!raw_asked(call->number, call->compat))
		return;
	slot = raw_begin(call);
	if (!slot)
		return;
	record = (struct ev_raw_call *)slot->record;
	record->latency = record->call.header.time - began;
	record->call.result = result;
	if (result < 0 && result >= -MAX_ERRNO)
		record->call.error = call_result(result);
	record->call.header.present |= EV_RAW_HAS_RETURNED;
	raw_send(slot);
}
