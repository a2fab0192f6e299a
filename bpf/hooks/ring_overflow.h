/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A request of an io_uring has its result and the ring's queue has no room for it: the kernel keeps it aside. What is
 * told is what will be in the queue, not the request; it has not been used for another one yet.
 */
#pragma once

#include "hooks/ring_complete.h"

#define RING_MORE (1u << 1) /* IORING_CQE_F_MORE: one of several results */

struct hook_ring_overflow {
	struct hook_ring_complete done; /* but which request */
	__u64 flags;
};

static __always_inline bool fill_io_uring_cqe_overflow(__u64 *ctx, struct hook_ring_overflow *hook)
{
	hook->done.request = 0;
	hook->done.ring = ctx[0];
	hook->done.user_data = ctx[1];
	hook->done.result = (int)ctx[2];
	hook->flags = (__u32)ctx[3];
	return true;
}
