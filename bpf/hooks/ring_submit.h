/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A request of an io_uring has been prepared: the kernel has its own copies of what was asked for. It is served
 * afterwards, at once or by a worker, or cancelled.
 */
#pragma once

#include "core.bpf.h"

struct hook_ring_submit {
	__u64 request; /* struct io_kiocb */
};

static __always_inline bool fill_io_uring_submit_req(__u64 *ctx, struct hook_ring_submit *hook)
{
	hook->request = ctx[0];
	return true;
}

/* By its older name. Before 6.0 its arguments were others, and requests looked otherwise. */
static __always_inline bool fill_io_uring_submit_sqe(__u64 *ctx, struct hook_ring_submit *hook)
{
	hook->request = ctx[0];
	return bpf_core_field_exists(((struct io_kiocb *)0)->cmd);
}
