/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Reads and writes by an io_uring, as its tracepoints show them: when a request is complete, which is when its file
 * is known. At its submission the file may not be open yet. Nothing is kept of any.
 */
#pragma once

#include "syscalls/io.bpf.h"
#include "syscalls/ring_request.bpf.h"

/* uapi/linux/io_uring.h; since 6.15 */
#define RING_OP_READV_FIXED 60
#define RING_OP_WRITEV_FIXED 61
#define SPLICE_FD_IN_FIXED (1u << 31)

static __always_inline enum ev_type ring_io_type(__u8 opcode)
{
	switch (opcode) {
	case IORING_OP_READ:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case RING_OP_READV_FIXED:
	case IORING_OP_SPLICE: /* and a write */
		return EV_READ;
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case RING_OP_WRITEV_FIXED:
		return EV_WRITE;
	default:
		return EV_NONE;
	}
}

static __always_inline void ring_io_moved(__u64 request, enum ev_type type, __u8 opcode,
					  long result)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_rw *rw = (struct io_rw *)ring_command(request);
	struct io_ring_ctx *ring = BPF_CORE_READ(req, ctx);
	struct hook_io_done hook;

	io_plain(&hook, type, (__u64)BPF_CORE_READ(req, file), BPF_CORE_READ(rw, len), result);
	hook.creds = (__u64)ring_creds(request);
	hook.position = BPF_CORE_READ(rw, kiocb.ki_pos);
	hook.flags |= IO_RING | IO_HAS_POSITION;
	if (opcode == IORING_OP_READV || opcode == IORING_OP_WRITEV ||
	    opcode == RING_OP_READV_FIXED || opcode == RING_OP_WRITEV_FIXED) {
		hook.vector = BPF_CORE_READ(rw, addr);
		hook.flags |= IO_VECTOR;
		if (BPF_CORE_READ_BITFIELD_PROBED(ring, compat))
			hook.flags |= IO_COMPAT;
	}
	if (hook.file) /* else it came to nothing before it had one */
		io_seen(&hook);
}

/* One of the two files is a pipe. */
static __always_inline void ring_io_place(struct hook_io_done *hook, __u64 place)
{
	struct file *file = (struct file *)hook->file;

	if (place == (__u64)-1)
		return io_position(hook, (__u64)__builtin_preserve_access_index(&file->f_pos));
	hook->position = place;
	hook->flags |= IO_HAS_POSITION;
}

static __always_inline void ring_io_spliced(__u64 request, long result)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_splice *splice = (struct io_splice *)ring_command(request);
	struct hook_io_done hook;
	struct file *from = NULL;

	/* What is read from is in the request while it is served only. */
	if (!(BPF_CORE_READ(splice, flags) & SPLICE_FD_IN_FIXED))
		from = file_of_fd(BPF_CORE_READ(splice, splice_fd_in));
	if (from) {
		io_plain(&hook, EV_READ, (__u64)from, BPF_CORE_READ(splice, len), result);
		hook.creds = (__u64)ring_creds(request);
		hook.flags |= IO_RING;
		ring_io_place(&hook, BPF_CORE_READ(splice, off_in));
		io_seen(&hook);
	}
	io_plain(&hook, EV_WRITE, (__u64)BPF_CORE_READ(req, file), BPF_CORE_READ(splice, len),
		 result);
	hook.creds = (__u64)ring_creds(request);
	hook.flags |= IO_RING;
	ring_io_place(&hook, BPF_CORE_READ(splice, off_out));
	if (hook.file)
		io_seen(&hook);
}

/* Somebody asks for what it is. */
__noinline int ring_io_completed(__u64 request, enum ev_type type, __u8 opcode, long result)
{
	if (result == -ECANCELED)
		return 0;
	if (ring_flag(request, RING_SKIPPED)) /* it was counted as lost: now it has failed */
		return 0;
	if (opcode == IORING_OP_SPLICE)
		ring_io_spliced(request, result);
	else
		ring_io_moved(request, type, opcode, result);
	return 0;
}

static __always_inline bool ring_io_asked(enum ev_type type)
{
	return bare_has(type) && filter_has(filter_now(), type);
}

/* ---- what there is no record of ---- */

/* Registered files became nodes of their own in 6.13. */
struct io_rsrc_node___6_13 {
	unsigned long file_ptr;
} __attribute__((preserve_access_index));

struct io_rsrc_data___6_13 {
	unsigned int nr;
	struct io_rsrc_node___6_13 **nodes;
} __attribute__((preserve_access_index));

struct io_file_table___6_13 {
	struct io_rsrc_data___6_13 data;
} __attribute__((preserve_access_index));

#define RING_FILE_BITS 7UL /* of the address of a registered file, which are something else */

static __always_inline struct file *ring_registered(struct io_ring_ctx *ring, __u32 index)
{
	struct io_file_table___6_13 *table;
	struct io_rsrc_node___6_13 **nodes, *node = NULL;
	struct io_fixed_file *files;
	unsigned long file = 0;

	if (bpf_core_field_exists(((struct io_file_table___6_13 *)0)->data)) {
		table = (void *)__builtin_preserve_access_index(&ring->file_table);
		if (index >= BPF_CORE_READ(table, data.nr))
			return NULL;
		nodes = BPF_CORE_READ(table, data.nodes);
		bpf_probe_read_kernel(&node, sizeof(node), &nodes[index]);
		if (node)
			file = BPF_CORE_READ(node, file_ptr);
	} else if (bpf_core_field_exists(ring->nr_user_files)) {
		if (index >= BPF_CORE_READ(ring, nr_user_files))
			return NULL;
		files = BPF_CORE_READ(ring, file_table.files);
		bpf_probe_read_kernel(&file, sizeof(file), &files[index]);
	}
	return (struct file *)(file & ~RING_FILE_BITS);
}

/* One record, of a file that is watched, or that is not open yet and may be. */
static __always_inline void ring_io_count(enum ev_type type, struct file *file)
{
	const struct gancho_filter *filter = filter_now();

	if (!ring_io_asked(type) || (file && !file_watched((__u64)file, filter)))
		return;
	if (current_let_in(filter))
		account_no_slot(EV_CLASS_BULK);
	else
		account_filtered(EV_CLASS_BULK);
}

static __always_inline void ring_io_missing(__u64 request, struct file *file)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_splice *splice = (struct io_splice *)ring_command(request);
	__u8 opcode = BPF_CORE_READ(req, opcode);
	struct file *from;

	if (opcode != IORING_OP_SPLICE)
		return ring_io_count(ring_io_type(opcode), file);
	ring_io_count(EV_WRITE, file);
	if (BPF_CORE_READ(splice, flags) & SPLICE_FD_IN_FIXED)
		return;
	from = file_of_fd(BPF_CORE_READ(splice, splice_fd_in));
	if (from)
		ring_io_count(EV_READ, from);
}

/* It will say nothing of its success. It has no file yet, but what it is to find it by. */
__noinline int ring_io_skipped(__u64 request)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	__s32 fd = BPF_CORE_READ(req, cqe.fd);

	ring_io_missing(request, ring_flag(request, RING_FIXED_FILE)
					 ? ring_registered(BPF_CORE_READ(req, ctx), fd)
					 : file_of_fd(fd));
	return 0;
}

/* It is complete, and which of several it is is not known. */
__noinline int ring_io_lost(__u64 request)
{
	struct file *file = BPF_CORE_READ((struct io_kiocb *)request, file);

	if (file)
		ring_io_missing(request, file);
	return 0;
}
