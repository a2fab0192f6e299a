/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A socket is asked for: by socket(2), or by a ring. */
#pragma once

#include "hooks/ring.h"

struct hook_socket_enter {
	__u32 family;
	__u32 type; /* with its flags */
	__u32 protocol;
	bool ring;
};

static __always_inline __overloadable bool fill___sys_socket(__u64 *ctx,
							     struct hook_socket_enter *hook)
{
	hook->family = ctx[0];
	hook->type = ctx[1];
	hook->protocol = ctx[2];
	hook->ring = false;
	return true;
}

static __always_inline __overloadable bool fill_io_socket(__u64 *ctx,
							  struct hook_socket_enter *hook)
{
	struct io_socket *command = (struct io_socket *)ring_command(ctx[0]);

	hook->family = BPF_CORE_READ(command, domain);
	hook->type = BPF_CORE_READ(command, type);
	hook->protocol = BPF_CORE_READ(command, protocol);
	hook->ring = true;
	return true;
}
