/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* accept(2), or a ring's function for it, comes back. */
#pragma once

#include "hooks/ring.h"

struct hook_accept_done {
	__s32 fd; /* the listening one, of the system call */
	__u32 flags;
	long result;
	bool ring;
	bool again; /* ring: the request is not complete; result says nothing */
	bool no_fd; /* the result is no descriptor: the socket is a ring's registered file */
};

static __always_inline bool fill___sys_accept4(__u64 *ctx, struct hook_accept_done *hook)
{
	hook->fd = ctx[0];
	hook->flags = ctx[3];
	hook->result = (int)ctx[4];
	hook->ring = false;
	hook->again = false;
	hook->no_fd = false;
	return true;
}

static __always_inline __overloadable bool fill_io_accept(__u64 *ctx, struct hook_accept_done *hook)
{
	struct io_accept *command = (struct io_accept *)ring_command(ctx[0]);

	hook->fd = -1;
	hook->flags = 0;
	hook->result = ring_result(ctx[0]);
	hook->ring = true;
	hook->again = (int)ctx[2] < 0;
	hook->no_fd = BPF_CORE_READ(command, file_slot) != 0;
	return true;
}
