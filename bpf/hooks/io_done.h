/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Bytes have been moved from a file to memory or back, or an attempt has failed; an io_uring's or aio's
 * may be under way still.
 *
 * The kernel's own reads and writes (kernel_read() and others) do not come by these functions.
 */
#pragma once

#include <asm-generic/errno.h>

#include "hooks/raw_enter.h"
#include "hooks/ring_done.h"
#include "wire/event.h"

#define IO_HAS_SIZE 1u
#define IO_HAS_POSITION 2u
#define IO_VECTOR 4u /* size counts the elements of an iovec at `vector` */
#define IO_COMPAT 8u /* which are those of a 32-bit program */
#define IO_ASYNC 16u /* under way: result says nothing */
#define IO_RING 32u
#define IO_POSITION_AT 64u    /* position is where the kernel has it: read when it is wanted */
#define IO_TOLD_BY_USER 128u  /* position was in the caller's memory */
#define IO_ASKED_BY_USER 256u /* all that is asked for was */

/* Plain numbers, so that a function which the verifier checks once can take it. */
struct hook_io_done {
	__u64 file;
	__u64 size;
	__u64 vector;	/* user memory */
	__u64 position; /* in the file, after it; before it when it failed */
	__u64 creds;	/* struct cred: done with these; 0: with those of the task */
	__s64 result;
	__u32 type;  /* enum ev_type */
	__u32 flags; /* IO_* */
};

/* include/linux/io_uring_types.h, io_uring/io_uring.h, linux/fs.h */
#define RING_NOWAIT (1u << 11)		  /* REQ_F_NOWAIT */
#define RING_SKIP_COMPLETE (-EIOCBQUEUED) /* the request is not complete, or has been completed */
#define EIOCBQUEUED 529			  /* linux/errno.h */
#define KIOCB_WAITS_FOR_PAGE (1u << 19)	  /* IOCB_WAITQ */

/* The 32-bit and 64-bit calls that come to sendfile's function. */
static __always_inline bool current_is_sendfile(void)
{
	struct hook_raw_enter call;

	fill_raw_enter(NULL, &call);
	return call.compat ? call.number == 187 || call.number == 239 : call.number == 40;
}

static __always_inline void io_position(struct hook_io_done *hook, __u64 at)
{
	hook->position = at;
	if (at)
		hook->flags |= IO_HAS_POSITION | IO_POSITION_AT;
}

static __always_inline void io_plain(struct hook_io_done *hook, enum ev_type type, __u64 file,
				     __u64 size, long result)
{
	hook->type = type;
	hook->file = file;
	hook->size = size;
	hook->vector = 0;
	hook->position = 0;
	hook->creds = 0;
	hook->result = result;
	hook->flags = IO_HAS_SIZE;
}

static __always_inline bool fill_vfs_read(__u64 *ctx, struct hook_io_done *hook)
{
	io_plain(hook, EV_READ, ctx[0], ctx[2], (long)ctx[4]);
	io_position(hook, ctx[3]);
	return true;
}

static __always_inline bool fill_vfs_write(__u64 *ctx, struct hook_io_done *hook)
{
	io_plain(hook, EV_WRITE, ctx[0], ctx[2], (long)ctx[4]);
	io_position(hook, ctx[3]);
	return true;
}

static __always_inline void io_vector(__u64 *ctx, struct hook_io_done *hook, enum ev_type type)
{
	io_plain(hook, type, ctx[0], ctx[2], (long)ctx[5]);
	hook->vector = ctx[1];
	hook->flags |= IO_VECTOR;
	if (plain(bpf_get_current_task_btf())->thread_info.status & TS_COMPAT)
		hook->flags |= IO_COMPAT;
	io_position(hook, ctx[3]);
}

static __always_inline bool fill_vfs_readv(__u64 *ctx, struct hook_io_done *hook)
{
	io_vector(ctx, hook, EV_READ);
	return true;
}

static __always_inline bool fill_vfs_writev(__u64 *ctx, struct hook_io_done *hook)
{
	io_vector(ctx, hook, EV_WRITE);
	return true;
}

static __always_inline bool fill_splice_file_to_pipe(__u64 *ctx, struct hook_io_done *hook)
{
	io_plain(hook, EV_READ, ctx[0], ctx[3], (long)ctx[5]);
	io_position(hook, ctx[2]);
	return current_is_sendfile(); /* else do_splice() tells */
}

/*
 * A ring's request. It is called again when it might have to wait (EAGAIN), and when a page that it waited
 * for has come.
 */
static __always_inline bool io_ring(__u64 *ctx, struct hook_io_done *hook, enum ev_type type)
{
	struct io_rw *rw = (void *)ctx[0]; /* what is asked lies in front of everything else */
	struct io_kiocb *request = plain((struct io_kiocb *)ctx[0]);
	struct io_ring_ctx *ring;
	int error = (int)ctx[2];
	struct io_kiocb___5_15 *older = (void *)request;
	__u8 operation = request->opcode;

	if (error == -EAGAIN && !(request->flags & RING_NOWAIT))
		return false;
	io_plain(hook, type, (__u64)request->file, BPF_CORE_READ(rw, len), error);
	hook->flags |= IO_RING | IO_HAS_POSITION;
	hook->position = BPF_CORE_READ(rw, kiocb.ki_pos);
	if (operation == IORING_OP_READV || operation == IORING_OP_WRITEV) {
		hook->vector = BPF_CORE_READ(rw, addr);
		hook->flags |= IO_VECTOR;
		ring = request->ctx;
		if (BPF_CORE_READ_BITFIELD_PROBED(ring, compat))
			hook->flags |= IO_COMPAT;
	}
	if (error && error != RING_SKIP_COMPLETE)
		return true;
	hook->result = bpf_core_field_exists(request->cqe) ? BPF_CORE_READ(request, cqe.res)
							   : (int)BPF_CORE_READ(older, result);
	if (!error || hook->result < 0) /* up to 6.1 what has failed is completed apart */
		return true;
	if (BPF_CORE_READ(rw, kiocb.ki_flags) & KIOCB_WAITS_FOR_PAGE)
		return false;
	/* Where it began is known no more: it may be complete by now, and have moved on. */
	hook->flags = (hook->flags | IO_ASYNC) & ~IO_HAS_POSITION;
	return true;
}

static __always_inline bool fill_io_read(__u64 *ctx, struct hook_io_done *hook)
{
	return io_ring(ctx, hook, EV_READ);
}

static __always_inline bool fill_io_write(__u64 *ctx, struct hook_io_done *hook)
{
	return io_ring(ctx, hook, EV_WRITE);
}

/* aio(7). What was done at once has given up one of its two references (fs/aio.c). */
static __always_inline void io_aio(__u64 *ctx, struct hook_io_done *hook, enum ev_type type)
{
	struct kiocb *kiocb = (void *)ctx[0];
	struct aio_kiocb *request = (void *)ctx[0]; /* the kiocb lies in front */
	const struct iocb *asked = (void *)ctx[1];  /* the kernel's copy */
	int error = (int)ctx[4];

	io_plain(hook, type, (__u64)BPF_CORE_READ(kiocb, ki_filp), BPF_CORE_READ(asked, aio_nbytes),
		 error);
	hook->flags |= IO_HAS_POSITION;
	hook->position = BPF_CORE_READ(kiocb, ki_pos);
	if ((__u8)ctx[2]) {
		hook->vector = BPF_CORE_READ(asked, aio_buf);
		hook->flags |= IO_VECTOR;
		if ((__u8)ctx[3])
			hook->flags |= IO_COMPAT;
	}
	if (error)
		return;
	if (BPF_CORE_READ(request, ki_refcnt.refs.counter) > 1) {
		hook->flags |= IO_ASYNC;
		hook->position = BPF_CORE_READ(asked, aio_offset);
		return;
	}
	hook->result = BPF_CORE_READ(request, ki_res.res);
}

static __always_inline bool fill_aio_read(__u64 *ctx, struct hook_io_done *hook)
{
	io_aio(ctx, hook, EV_READ);
	return true;
}

static __always_inline bool fill_aio_write(__u64 *ctx, struct hook_io_done *hook)
{
	io_aio(ctx, hook, EV_WRITE);
	return true;
}
