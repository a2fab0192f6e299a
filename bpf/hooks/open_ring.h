/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * io_uring has made an attempt to open, for openat or openat2: the task that submits makes a first one that
 * must not block, a worker the next. Before the attempt comes the probe of the same function.
 */
#pragma once

#include "hooks/ring_done.h"

struct hook_open_ring {
	struct hook_ring_done done;
	bool descriptor; /* for the process; the ring's own files have none */
};

static __always_inline bool fill_io_openat2(__u64 *ctx, struct hook_open_ring *hook)
{
	struct io_open *open = (void *)ctx[0]; /* what is asked lies in front of everything else */

	hook->descriptor = !BPF_CORE_READ(open, file_slot);
	return fill_ring_done(ctx, &hook->done);
}
