/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A request of an io_uring has its result. By a thread of the process nearly always; by one of the kernel's when the
 * process is gone.
 */
#pragma once

#include "core.bpf.h"

struct hook_ring_complete {
	__u64 request; /* struct io_kiocb, not yet used for another one; 0: one of several results */
	__u64 ring;    /* struct io_ring_ctx */
	__u64 user_data; /* what the caller calls the request */
	long result;
};

/* Since 6.16 the tracepoint has the completion that is written, instead of its members one by one. */
typedef void (*btf_trace_io_uring_complete___6_16)(void *, struct io_ring_ctx *, void *,
						   struct io_uring_cqe *);

static __always_inline bool fill_io_uring_complete(__u64 *ctx, struct hook_ring_complete *hook)
{
	struct io_kiocb *request = (struct io_kiocb *)ctx[1];

	hook->ring = ctx[0];
	hook->request = ctx[1];
	if (request) {
		hook->user_data = BPF_CORE_READ(request, cqe.user_data);
		hook->result = (int)BPF_CORE_READ(request, cqe.res);
	} else if (bpf_core_type_exists(btf_trace_io_uring_complete___6_16)) {
		struct io_uring_cqe *told = (struct io_uring_cqe *)ctx[2];

		hook->user_data = BPF_CORE_READ(told, user_data);
		hook->result = (int)BPF_CORE_READ(told, res);
	} else {
		hook->user_data = ctx[2];
		hook->result = (int)ctx[3];
	}
	return true;
}
