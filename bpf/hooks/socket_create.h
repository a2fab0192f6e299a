/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A socket has been made, and nobody else can reach it yet. */
#pragma once

struct hook_socket_create {
	struct socket *socket;
};

static __always_inline bool fill_security_socket_post_create(__u64 *ctx,
							     struct hook_socket_create *hook)
{
	hook->socket = (struct socket *)ctx[0];
	return !(__u32)ctx[4]; /* else it is the kernel's own */
}
