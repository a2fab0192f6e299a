/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * io_uring has made an attempt to open, for openat or openat2: the task that submits makes a first one that
 * must not block, a worker the next. Before the attempt comes the probe of the same function.
 */
#pragma once

#include "core.bpf.h"

#define EAGAIN 11

struct hook_open_ring {
	bool again;	 /* this attempt came to nothing; a worker makes the next */
	bool descriptor; /* for the process; the ring's own files have none */
	long result;	 /* a descriptor, 0, or a negative errno */
};

/* The result's place before 5.19 (kernel commit cef216fc32d7). */
struct io_kiocb___5_15 {
	__u32 result;
} __attribute__((preserve_access_index));

static __always_inline bool fill_io_openat2(__u64 *ctx, struct hook_open_ring *hook)
{
	struct io_kiocb *request = (struct io_kiocb *)ctx[0];
	struct io_kiocb___5_15 *older = (void *)request;
	/* What is asked lies in front of everything else. */
	struct io_open *open = (void *)request;

	hook->again = (int)ctx[2] == -EAGAIN;
	hook->descriptor = !BPF_CORE_READ(open, file_slot);
	hook->result = bpf_core_field_exists(request->cqe) ? BPF_CORE_READ(request, cqe.res)
							   : (int)BPF_CORE_READ(older, result);
	return true;
}
