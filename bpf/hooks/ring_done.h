/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* io_uring has made an attempt at an operation that has a probe at its beginning. */
#pragma once

#include "core.bpf.h"

#define EAGAIN 11

struct hook_ring_done {
	bool again;  /* this attempt came to nothing; a worker makes the next */
	long result; /* of the operation, or a negative errno */
};

/* The result's place before 5.19 (kernel commit cef216fc32d7). */
struct io_kiocb___5_15 {
	__u32 result;
} __attribute__((preserve_access_index));

static __always_inline bool fill_ring_done(__u64 *ctx, struct hook_ring_done *hook)
{
	struct io_kiocb *request = (struct io_kiocb *)ctx[0];
	struct io_kiocb___5_15 *older = (void *)request;

	hook->again = (int)ctx[2] == -EAGAIN;
	hook->result = bpf_core_field_exists(request->cqe) ? BPF_CORE_READ(request, cqe.res)
							   : (int)BPF_CORE_READ(older, result);
	return true;
}

#define fill_io_setxattr fill_ring_done
#define fill_io_fsetxattr fill_ring_done
