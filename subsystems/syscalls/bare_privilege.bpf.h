/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Descriptors that become standard ones, processes in new namespaces, and memory that becomes executable, as the
 * tracepoints of all system calls show them: those whose better hooks are other functions than the call's own.
 */
#pragma once

#include "syscalls/bare_call.bpf.h"
#include "syscalls/privilege.bpf.h"

#define F_DUPFD 0 /* uapi/linux/fcntl.h */
#define F_DUPFD_CLOEXEC 1030
#define O_CLOEXEC_FLAG 02000000
#define CSIGNAL 0xff	   /* uapi/linux/sched.h */
#define MAP_ANONYMOUS 0x20 /* uapi/asm-generic/mman-common.h */
#define MAPPINGS_MAX 8	   /* of one mprotect, that are looked at */

/* ---- dup, and fcntl for it ---- */

/* Whether it can land there: the lowest that is free, from the third argument of fcntl on. */
static __always_inline bool bare_may_land(const struct bare_call *call, const __u64 args[6])
{
	__u32 command = args[1];

	return !call->flags || ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) &&
				lands_on_standard((__u32)args[2]));
}

static __always_inline void bare_dup_end(const struct bare_call *call, const __u64 args[6],
					 long result)
{
	bool closes = call->flags && (__u32)args[1] == F_DUPFD_CLOEXEC;

	if (lands_on_standard(result))
		dup_landed(args[0], true, file_of_fd(result), closes ? O_CLOEXEC_FLAG : 0, result);
}

/* ---- clone; a child does not come back with a mark ---- */

static __always_inline __u64 bare_clone_flags(const struct bare_call *call, const __u64 args[6])
{
	__u64 flags = 0;

	if (call->flags)
		return (__u32)args[0] & ~CSIGNAL;
	bpf_probe_read_user(&flags, sizeof(flags), (void *)args[0]); /* struct clone_args */
	return flags;
}

static __always_inline void bare_clone_end(const struct bare_call *call, __u64 flags,
					   const __u64 args[6], long result)
{
	struct ev_privilege_call *record;
	struct record_slot *slot;

	/* Its page was not there at the entry, or what it says is another thing now. */
	if (!(flags & CLONE_NAMESPACES))
		flags = bare_clone_flags(call, args);
	if (!(flags & CLONE_NAMESPACES))
		return;
	slot = call_begin(EV_CLONE, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	record->flags = flags;
	if (!call->flags)
		record->call.flags |= EV_CALL_USER_MEMORY;
	if (result >= 0)
		record->call.header.present |= EV_PRIVILEGE_HAS_RESULT;
	call_end(slot, call_result(result));
}

/* ---- mmap ---- */

/* The old one's are in memory. False: they cannot be read. */
static __always_inline bool bare_mmap_given(const struct bare_call *call, __u64 args[6])
{
	__u32 words[6];

	if (call->way != BARE_MMAP || !call->function)
		return true;
	if (bpf_probe_read_user(words, sizeof(words), (void *)(__u64)(__u32)args[0]))
		return false;
#pragma clang loop unroll(full)
	for (int i = 0; i < 6; i++)
		args[i] = words[i];
	return true;
}

/* In a mark: what was given, when it could be read. */
static __always_inline void bare_mmap_keep(struct bare_mark *mark, const __u64 args[6], bool known)
{
	__builtin_memcpy(mark->args, args, sizeof(mark->args));
	mark->known = known;
	mark->file = known ? (__u64)file_of_fd(args[4]) : 0;
}

static __always_inline void bare_mmap_end(const struct bare_call *call,
					  const struct bare_mark *mark, __u64 args[6], long result)
{
	struct hook_mmap_done hook = {.result = result, .user_memory = call->function};

	if (mark->known)
		__builtin_memcpy(args, mark->args, sizeof(mark->args));
	else if (!bare_mmap_given(call, args))
		return;
	hook.address = args[0];
	hook.length = args[1];
	hook.prot = args[2];
	hook.flags = args[3];
	if (!(args[3] & MAP_ANONYMOUS))
		hook.file = mark->known ? bare_same_file(mark->file, args[4]) : file_of_fd(args[4]);
	memory_mapped(&hook);
}

/* ---- mprotect ---- */

/* The first mapping of a range in which the change is news. */
struct bare_memory {
	__u64 prot;  /* asked for */
	__u64 next;  /* where to look */
	__u64 flags; /* of the mapping */
	__u64 file;
	bool written;
	bool found;
};

static long bare_mapping(struct task_struct *task, struct vm_area_struct *vma,
			 struct bare_memory *memory)
{
	memory->next = vma->vm_end;
	memory->flags = vma->vm_flags;
	memory->file = (__u64)vma->vm_file;
	memory->written = mapping_written(vma);
	memory->found = memory_matters(memory->flags, memory->written, memory->prot);
	return 0;
}

/* 0, or a negative errno: ENOENT where nothing is mapped, EBUSY while another thread changes mappings. */
static __always_inline long bare_mapping_at(struct bare_memory *memory)
{
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma)) /* Linux 5.17 */
		return -EBUSY;
	return bpf_find_vma(bpf_get_current_task_btf(), memory->next, bare_mapping, memory, 0);
}

__noinline int bare_mprotect_begin(__u64 address, __u64 length, __u64 asked)
{
	struct bare_memory memory = {.prot = effective_prot(asked), .next = address};
	struct record_slot *slot;
	long error = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < MAPPINGS_MAX && !error && !memory.found; i++) {
		if (memory.next - address >= length)
			break;
		error = bare_mapping_at(&memory);
	}
	if (!memory.found && error != -EBUSY)
		return 0;
	slot = memory_begin(memory.prot);
	if (slot && memory.found)
		memory_before(slot, memory.flags, memory.written, memory.file);
	return 0;
}
