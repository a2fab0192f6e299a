/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Bytes have been moved from one file to another without going through the caller's memory. */
#pragma once

#include "hooks/io_done.h"

struct hook_copy_done {
	struct hook_io_done from;
	struct hook_io_done to;
};

static __always_inline void copy_plain(struct hook_copy_done *hook, __u64 from, __u64 to,
				       __u64 size, long result)
{
	io_plain(&hook->from, EV_READ, from, size, result);
	io_plain(&hook->to, EV_WRITE, to, size, result);
}

static __always_inline void copy_at_file(struct hook_io_done *hook)
{
	struct file *file = (struct file *)hook->file;

	hook->position = BPF_CORE_READ(file, f_pos);
	hook->flags |= IO_HAS_POSITION;
}

/* splice(2), a ring's too. Where no position is given the file's own is used. */
static __always_inline bool fill_do_splice(__u64 *ctx, struct hook_copy_done *hook)
{
	copy_plain(hook, ctx[0], ctx[2], ctx[4], (long)ctx[6]);
	if (ctx[1])
		io_position(&hook->from, ctx[1]);
	else
		copy_at_file(&hook->from);
	if (ctx[3])
		io_position(&hook->to, ctx[3]);
	else
		copy_at_file(&hook->to);
	return true;
}

/* The kernel copies by this in other calls too (copy_file_range(2), an overlay that copies up). */
static __always_inline bool fill_do_splice_direct(__u64 *ctx, struct hook_copy_done *hook)
{
	if (!current_is_sendfile())
		return false;
	copy_plain(hook, ctx[0], ctx[2], ctx[4], (long)ctx[6]);
	io_position(&hook->from, ctx[1]);
	io_position(&hook->to, ctx[3]);
	return true;
}

/* It is given where to begin by value. */
static __always_inline bool fill_vfs_copy_file_range(__u64 *ctx, struct hook_copy_done *hook)
{
	long result = (long)ctx[6], moved = result < 0 ? 0 : result;
	struct hook_raw_enter call;

	fill_raw_enter(NULL, &call);
	if (call.number != (call.compat ? 377 : 326)) /* file servers */
		return false;
	copy_plain(hook, ctx[0], ctx[2], ctx[4], result);
	hook->from.position = ctx[1] + moved;
	hook->to.position = ctx[3] + moved;
	hook->from.flags |= IO_HAS_POSITION;
	hook->to.flags |= IO_HAS_POSITION;
	return true;
}
