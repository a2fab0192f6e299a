/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Requests of an io_uring as its tracepoints show them. A record is begun when the request is submitted, with the
 * kernel's own copies of names; they are gone when it is complete, so until then it is kept under the request's
 * address. It may wait for long, so it has places of its own.
 */
#pragma once

#include "hooks/ring_complete.h"
#include "hooks/ring_submit.h"
#include "syscalls/bare.bpf.h"
#include "syscalls/ring_io.bpf.h"
#include "syscalls/ring_sockets.bpf.h"

#define RINGS_KEPT 128	     /* requests under way at a time; a power of two */
#define RINGS_WAYS 16	     /* places that a request's record can be in */
#define RING_OP_FTRUNCATE 55 /* since 6.9 */
#define RING_RECORD (2 * EV_PATH_MAX + 1024)

struct ring_kept {
	__u64 request; /* 0: free */
	__u64 since;
	__u64 bytes;
	__u64 descriptor; /* its result is one of the process; the ring's own files have none */
	__u64 file;	  /* that its descriptor stood for; 0: none */
	__u8 record[RING_RECORD] __attribute__((aligned(8)));
};

static struct ring_kept rings_kept[RINGS_KEPT] SEC(".bss.rings");

static __always_inline struct ring_kept *ring_at(__u64 request, __u32 way)
{
	__u32 home = (request >> 6) * 0x9e3779b97f4a7c15ULL >> 40;

	return &rings_kept[(home + way) & (RINGS_KEPT - 1)];
}

static __always_inline struct ring_kept *ring_find(__u64 request)
{
#pragma clang loop unroll(disable)
	for (__u32 way = 0; way < RINGS_WAYS; way++) {
		struct ring_kept *kept = ring_at(request, way);

		if (kept->request == request)
			return kept;
	}
	return NULL;
}

/* A place that is free, or that nobody will come back for; NULL: there is none. */
static __always_inline struct ring_kept *ring_claim(__u64 request)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct ring_kept *kept = ring_find(request);

	if (kept) { /* the request's result was not told: its queue was full */
		account_no_slot(EV_CLASS_BULK);
		kept->since = now;
		return kept;
	}
#pragma clang loop unroll(disable)
	for (__u32 way = 0; way < RINGS_WAYS; way++) {
		__u64 owner;

		kept = ring_at(request, way);
		owner = kept->request;
		if (owner && now - kept->since < PENDING_STALE_NS)
			continue;
		if (__sync_val_compare_and_swap(&kept->request, owner, request) != owner)
			continue;
		if (owner)
			account_no_slot(EV_CLASS_BULK);
		kept->since = now;
		return kept;
	}
	return NULL;
}

static __always_inline void ring_release(struct ring_kept *kept)
{
	__sync_lock_test_and_set(&kept->request, 0);
}

static __always_inline enum ev_type ring_type(__u64 request)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_unlink *unlink = (struct io_unlink *)request;
	__u8 opcode = BPF_CORE_READ(req, opcode);

	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		return EV_OPEN;
	case IORING_OP_UNLINKAT:
		return BPF_CORE_READ(unlink, flags) & AT_REMOVEDIR ? EV_RMDIR : EV_UNLINK;
	case IORING_OP_RENAMEAT:
		return EV_RENAME;
	case IORING_OP_MKDIRAT:
		return EV_MKDIR;
	case IORING_OP_SYMLINKAT:
		return EV_SYMLINK;
	case IORING_OP_LINKAT:
		return EV_LINK;
	case IORING_OP_SETXATTR:
	case IORING_OP_FSETXATTR:
		return EV_SETXATTR;
	case RING_OP_FTRUNCATE:
		return EV_TRUNCATE;
	default:
		return ring_socket_type(request, opcode);
	}
}

/* What is asked lies in front of everything else in a request. */
static __always_inline void ring_asked(struct record_slot *slot, __u64 request, enum ev_type type)
{
	struct ev_file_call *record = (struct ev_file_call *)slot->record;
	struct io_open *open = (void *)request;
	struct io_unlink *unlink = (void *)request;
	struct io_rename *rename = (void *)request;
	struct io_mkdir *mkdir = (void *)request;
	struct io_link *link = (void *)request;
	struct filename *name = NULL, *to_name = NULL;
	struct io_xattr *xattr = (void *)request;
	struct io_ftrunc *truncate = (void *)request;

	switch (type) {
	case EV_OPEN:
		record->arg_flags = BPF_CORE_READ(open, how.flags);
		record->arg_mode = BPF_CORE_READ(open, how.mode) & 07777;
		record->arg_resolve = BPF_CORE_READ(open, how.resolve);
		name = BPF_CORE_READ(open, filename);
		break;
	case EV_UNLINK:
	case EV_RMDIR:
		name = BPF_CORE_READ(unlink, filename);
		break;
	case EV_RENAME:
		record->arg_flags = BPF_CORE_READ(rename, flags);
		name = BPF_CORE_READ(rename, oldpath);
		to_name = BPF_CORE_READ(rename, newpath);
		break;
	case EV_MKDIR:
		record->arg_mode = BPF_CORE_READ(mkdir, mode) & 07777;
		name = BPF_CORE_READ(mkdir, filename);
		break;
	case EV_LINK:
		record->arg_flags = BPF_CORE_READ(link, flags);
		/* fallthrough */
	case EV_SYMLINK:
		name = BPF_CORE_READ(link, oldpath);
		to_name = BPF_CORE_READ(link, newpath);
		break;
	case EV_SETXATTR:
		record->length = BPF_CORE_READ(xattr, ctx.size);
		record->flags = BPF_CORE_READ(xattr, ctx.flags);
		name = BPF_CORE_READ(xattr, filename);
		tail_kernel_string(slot, &record->attribute, BPF_CORE_READ(xattr, ctx.kname));
		break;
	case EV_TRUNCATE:
		if (bpf_core_type_exists(struct io_ftrunc))
			record->length = BPF_CORE_READ(truncate, len);
		break;
	default:
		break;
	}
	call_name(slot, &record->name, name);
	if (to_name)
		call_name(slot, &record->to_name, to_name);
}

static __always_inline bool ring_by_file(__u64 request)
{
	__u8 opcode = BPF_CORE_READ((struct io_kiocb *)request, opcode);

	return opcode == IORING_OP_FSETXATTR || opcode == RING_OP_FTRUNCATE;
}

/* The file that a request is for, as it is before: of a registered one nothing is known yet. */
static __always_inline struct file *ring_file(struct record_slot *slot, __u64 request)
{
	struct file *file;

	if (!ring_by_file(request) || ring_flag(request, RING_FIXED_FILE))
		return NULL;
	file = file_of_fd(BPF_CORE_READ((struct io_kiocb *)request, cqe.fd));
	if (file)
		object_found_at(slot, (__u64)__builtin_preserve_access_index(&file->f_path));
	return file;
}

static __always_inline void ring_keep(struct record_slot *slot, __u64 request, struct file *file)
{
	struct io_open *open = (void *)request;
	struct ring_kept *kept = ring_claim(request);
	__u64 bytes = slot->tail;

	barrier_var(bytes);
	if (!kept || bytes > RING_RECORD) {
		account_no_slot(EV_CLASS_BULK);
		if (kept)
			ring_release(kept);
		return;
	}
	bpf_probe_read_kernel(kept->record, bytes, slot->record);
	kept->bytes = bytes;
	kept->descriptor = !BPF_CORE_READ(open, file_slot);
	kept->file = (__u64)file;
}

/* Functions of their own, which the verifier goes through once. */
__noinline int ring_submitted(struct hook_ring_submit *hook)
{
	struct record_slot *slot;
	struct file *file;
	enum ev_type type;
	__u64 request;

	if (!hook)
		return 0;
	request = hook->request;
	type = ring_type(request);
	if (type == EV_NONE && ring_flag(request, RING_SKIPS) &&
	    ring_io_type(BPF_CORE_READ((struct io_kiocb *)request, opcode)) != EV_NONE)
		return ring_io_skipped(request);
	if (type == EV_NONE || !bare_has(type) || !call_wanted(type))
		return 0;
	if (ring_flag(request, RING_SKIPS)) { /* it will not be told how it ended */
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	if (ring_is_socket(type))
		return ring_socket_submitted(request, type);
	slot = slot_claim(sizeof(struct ev_file_call));
	if (!slot) {
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	call_clear(slot, sizeof(struct ev_file_call));
	call_fill(slot, type);
	ring_caller((struct ev_call *)slot->record, request);
	ring_asked(slot, request, type);
	file = ring_file(slot, request);
	ring_keep(slot, request, file);
	slot_release(slot);
	return 0;
}

static __always_inline void ring_opened(struct record_slot *slot, long result)
{
	struct ev_header *header = (struct ev_header *)slot->record;

	if (ring_is_ours(header))
		bare_opened(slot, result);
	else
		header->present |= EV_FILE_HAS_FD;
}

/* Of what nothing was kept. */
static __always_inline bool ring_io(struct hook_ring_complete *hook)
{
	struct io_kiocb *req = (struct io_kiocb *)hook->request;
	__u8 opcode = BPF_CORE_READ(req, opcode);
	enum ev_type type = ring_io_type(opcode);

	if (type == EV_NONE)
		return false;
	if (ring_io_asked(type) || (opcode == IORING_OP_SPLICE && ring_io_asked(EV_WRITE)))
		ring_io_completed(hook->request, type, opcode, hook->result);
	return true;
}

__noinline int ring_completed(struct hook_ring_complete *hook)
{
	struct record_slot *slot;
	struct ring_kept *kept;
	__u64 request, bytes, before;
	struct io_kiocb *req;
	enum ev_type type;
	struct file *file;
	bool descriptor;
	long result;

	if (!hook)
		return 0;
	request = hook->request;
	result = hook->result;
	if (!request) {
		ring_one_of_several(hook);
		return 0;
	}
	if (ring_io(hook))
		return 0;
	type = ring_type(request);
	if (type == EV_NONE)
		return 0;
	if (type == EV_ACCEPT)
		ring_multishot_over(hook);
	if (ring_is_socket(type))
		return ring_socket_completed(request, type, result, true);
	kept = ring_find(request);
	if (!kept)
		return 0;
	slot = result == -ECANCELED ? NULL : slot_claim(sizeof(struct ev_file_call));
	if (!slot) {
		if (result != -ECANCELED)
			account_no_slot(EV_CLASS_BULK);
		ring_release(kept);
		return 0;
	}
	bytes = kept->bytes;
	barrier_var(bytes);
	if (bytes <= RING_RECORD)
		bpf_probe_read_kernel(slot->record, bytes, kept->record);
	slot->tail = bytes;
	descriptor = kept->descriptor;
	before = kept->file;
	ring_release(kept);
	if (ring_by_file(
		    request)) { /* and not another one, which a thread has put there meanwhile */
		req = (struct io_kiocb *)request;
		file = BPF_CORE_READ(req, file);
		if (file && (__u64)file != before)
			object_found_at(slot,
					(__u64)__builtin_preserve_access_index(&file->f_path));
	}
	if (call_pending(slot, EV_OPEN) && result >= 0 && descriptor)
		ring_opened(slot, result);
	call_end(slot, call_result(result));
	return 0;
}

static __always_inline void syscalls__ring_submit(struct hook_ring_submit *hook)
{
	ring_submitted(hook);
}

static __always_inline void syscalls__ring_complete(struct hook_ring_complete *hook)
{
	ring_completed(hook);
}
