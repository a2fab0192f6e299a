/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Requests of an io_uring (io_uring/net.c). The function that serves one comes back with 0 when it is
 * complete, and its result is in the request; with less when it will be called again, or (accept) goes on
 * giving results.
 */
#pragma once

#include <asm-generic/errno.h>

#include "socket.bpf.h"

#define RING_NO_FD (-0x7fffffff - 1) /* in place of a descriptor: none is known */

/* The request's own arguments, as io_kiocb_to_cmd() finds them. */
static __always_inline void *ring_command(__u64 request)
{
	return __builtin_preserve_access_index(&((struct io_kiocb *)request)->cmd);
}

/*
 * The descriptor that the request is for, while it is served, or RING_NO_FD. It may be the index of a
 * registered file instead, and something else has been written over it when the request had to wait: it is
 * believed when the file is behind it.
 */
static __always_inline __s32 ring_fd(__u64 request)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	__s32 fd = BPF_CORE_READ(req, cqe.fd);

	return file_of_fd(fd) == BPF_CORE_READ(req, file) ? fd : RING_NO_FD;
}

static __always_inline long ring_result(__u64 request)
{
	return BPF_CORE_READ((struct io_kiocb *)request, cqe.res);
}
