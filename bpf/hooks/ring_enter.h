/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A request of an io_uring is being served; it may block, and be served again. */
#pragma once

#include "hooks/ring.h"

struct hook_ring_enter {
	__s32 fd; /* or RING_NO_FD */
};

static __always_inline __overloadable bool fill_io_connect(__u64 *ctx, struct hook_ring_enter *hook)
{
	hook->fd = ring_fd(ctx[0]);
	return true;
}

static __always_inline __overloadable bool fill_io_accept(__u64 *ctx, struct hook_ring_enter *hook)
{
	hook->fd = ring_fd(ctx[0]);
	return true;
}
