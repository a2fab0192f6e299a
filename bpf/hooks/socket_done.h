/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A socket that was asked for has a descriptor, or there is an error. */
#pragma once

#include "hooks/ring.h"

struct hook_socket_done {
	long result;
	bool again; /* a ring will try once more */
	bool no_fd; /* the result is no descriptor: the socket is a ring's registered file */
};

static __always_inline __overloadable bool fill___sys_socket(__u64 *ctx,
							     struct hook_socket_done *hook)
{
	hook->result = (int)ctx[3];
	hook->again = false;
	hook->no_fd = false;
	return true;
}

static __always_inline __overloadable bool fill_io_socket(__u64 *ctx, struct hook_socket_done *hook)
{
	struct io_socket *command = (struct io_socket *)ring_command(ctx[0]);
	int error = (int)ctx[2];

	hook->result = error ? error : ring_result(ctx[0]);
	hook->again = error == -EAGAIN;
	hook->no_fd = BPF_CORE_READ(command, file_slot) != 0;
	return true;
}
