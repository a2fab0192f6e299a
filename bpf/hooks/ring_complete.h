/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A request of an io_uring has its result. By a thread of the process nearly always; by one of the kernel's when the
 * process is gone.
 */
#pragma once

#include "core.bpf.h"

struct hook_ring_complete {
	__u64 request; /* struct io_kiocb; it is not yet used for another one */
};

static __always_inline bool fill_io_uring_complete(__u64 *ctx, struct hook_ring_complete *hook)
{
	hook->request = ctx[1];
	return ctx[1]; /* else one of several results */
}
