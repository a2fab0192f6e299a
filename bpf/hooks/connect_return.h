/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A connection has been made or begun, or the attempt has failed. connect(2) and rings come by
 * __sys_connect_file(), data that is sent together with the SYN (MSG_FASTOPEN) by another way.
 */
#pragma once

#include "socket.bpf.h"

struct hook_connect_return {
	struct socket *socket; /* NULL: the file is none */
	const void *address;   /* the kernel's copy of the sockaddr */
	int length;
	long error;
	bool fastopen;
};

static __always_inline bool fill___sys_connect_file(__u64 *ctx, struct hook_connect_return *hook)
{
	hook->socket = socket_of_file((struct file *)ctx[0]);
	hook->address = (const void *)ctx[1];
	hook->length = ctx[2];
	hook->error = (int)ctx[4];
	hook->fastopen = false;
	return true;
}

static __always_inline bool fill_tcp_sendmsg_fastopen(__u64 *ctx, struct hook_connect_return *hook)
{
	struct msghdr *message = plain((struct msghdr *)ctx[1]);

	hook->socket = plain((struct sock *)ctx[0])->sk_socket;
	hook->address = message->msg_name;
	hook->length = message->msg_namelen;
	hook->error = (int)ctx[5];
	hook->fastopen = true;
	/* Without an address it completes a connect(2) that was put off (TCP_FASTOPEN_CONNECT). */
	return hook->address;
}
