/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is read from a request of an io_uring, between its submission and its completion. */
#pragma once

#include "hooks/ring.h"
#include "syscalls/call.bpf.h"

/* Bits of io_kiocb.flags (linux/io_uring_types.h). Those in the first byte are the caller's. */
#define RING_FIXED_FILE 0
#define RING_SKIPS 6 /* REQ_F_CQE_SKIP, as IOSQE_CQE_SKIP_SUCCESS_BIT */
#define RING_CREDS 18
#define RING_SKIPPED 22 /* REQ_F_SKIP_LINK_CQES: it was to skip its result, and has failed */

/* Came with a flag below the kernel's own, which have moved by one (6.13). */
struct io_kiocb___6_13 {
	__u64 iopoll_start;
} __attribute__((preserve_access_index));

static __always_inline bool ring_flag(__u64 request, __u32 bit)
{
	if (bit >= RING_CREDS && bpf_core_field_exists(struct io_kiocb___6_13, iopoll_start))
		bit++;
	return BPF_CORE_READ((struct io_kiocb *)request, flags) >> bit & 1;
}

/* The credentials that a request has of its own (io_uring_register(2): personalities), else NULL. */
static __always_inline const struct cred *ring_creds(__u64 request)
{
	return ring_flag(request, RING_CREDS) ? BPF_CORE_READ((struct io_kiocb *)request, creds)
					      : NULL;
}

/* Who asks, in a record that call_fill() has filled for the current task. */
static __always_inline void ring_caller(struct ev_call *call, __u64 request)
{
	const struct cred *cred = ring_creds(request);

	call_by_ring(call);
	if (cred)
		call_as(call, cred);
}

/* Its descriptors are the process's, and so is nearly always who completes: else it has gone. */
static __always_inline bool ring_is_ours(const struct ev_header *header)
{
	return header->pid == (__u32)plain(bpf_get_current_task_btf())->tgid;
}
