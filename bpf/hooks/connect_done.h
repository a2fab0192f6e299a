/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* connect(2), or a ring's function for it, comes back. */
#pragma once

#include "hooks/ring.h"

struct hook_connect_done {
	__s32 fd; /* of the system call */
	long result;
	bool ring;
	bool again; /* ring: the request is not complete */
	bool known; /* ring: this completes an attempt that came back as EINPROGRESS before */
};

static __always_inline bool fill___sys_connect(__u64 *ctx, struct hook_connect_done *hook)
{
	hook->fd = ctx[0];
	hook->result = (int)ctx[3];
	hook->ring = false;
	hook->again = false;
	hook->known = false;
	return true;
}

static __always_inline __overloadable bool fill_io_connect(__u64 *ctx,
							   struct hook_connect_done *hook)
{
	struct io_connect *command = (struct io_connect *)ring_command(ctx[0]);

	hook->fd = -1;
	hook->result = ring_result(ctx[0]);
	hook->ring = true;
	hook->again = (int)ctx[2] < 0;
	hook->known = false;
	if (!hook->again && bpf_core_field_exists(command->in_progress))
		hook->known = BPF_CORE_READ(command, in_progress);
	return true;
}
