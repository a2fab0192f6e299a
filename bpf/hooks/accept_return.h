/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A connection has been accepted, and nobody else can reach its socket yet; or there is an error. */
#pragma once

#include "socket.bpf.h"

struct hook_accept_return {
	struct socket *socket; /* the new one; when it failed the listening one, or NULL */
	__u32 flags;	       /* SOCK_CLOEXEC, SOCK_NONBLOCK */
	long error;
};

static __always_inline bool fill_do_accept(__u64 *ctx, struct hook_accept_return *hook)
{
	struct file *listening = (struct file *)ctx[0], *accepted = (struct file *)ctx[5];
	bool failed = (__u64)accepted >= (__u64)-4095;

	hook->error = failed ? (long)accepted : 0;
	hook->socket = socket_of_file(failed ? listening : accepted);
	hook->flags = ctx[4];
	return true;
}
