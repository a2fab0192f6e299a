/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Requests of an io_uring for sockets, as its tracepoints show them. Many may wait at a time, for as long as they
 * like; the socket is in the request until it is complete, so little is kept.
 */
#pragma once

#include "syscalls/bare_sockets.bpf.h"
#include "syscalls/ring_request.bpf.h"

#define RING_WAITS 8192 /* requests under way at a time */
#define RING_WAIT_RECORD (sizeof(struct ev_socket_call) + 512)
#define RING_ACCEPT_MULTISHOT (1u << 0) /* uapi/linux/io_uring.h */

/* A record as it was when its request was submitted. */
struct ring_wait {
	__u8 record[RING_WAIT_RECORD];
	__u64 bytes;
	__u64 descriptor; /* its result is one of the process; the ring's own files have none */
	__u64 connects;	  /* it is a connect, and not data with a SYN */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RING_WAITS);
	__type(key, __u64); /* struct io_kiocb */
	__type(value, struct ring_wait);
} ring_waits SEC(".maps");

/* One of several results says of which request it is by this only. */
struct ring_name {
	__u64 ring;
	__u64 user_data;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RING_WAITS);
	__type(key, struct ring_name);
	__type(value, __u64); /* struct io_kiocb */
} ring_multishots SEC(".maps");

static __always_inline enum ev_type ring_socket_type(__u64 request, __u8 opcode)
{
	struct io_sr_msg *message = (struct io_sr_msg *)ring_command(request);

	switch (opcode) {
	case IORING_OP_SOCKET:
		return EV_SOCKET;
	case IORING_OP_BIND:
		return EV_BIND;
	case IORING_OP_LISTEN:
		return EV_LISTEN;
	case IORING_OP_CONNECT:
		return EV_CONNECT;
	case IORING_OP_ACCEPT:
		return EV_ACCEPT;
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
		return BPF_CORE_READ(message, msg_flags) & MSG_FASTOPEN ? EV_CONNECT : EV_NONE;
	default:
		return EV_NONE;
	}
}

static __always_inline bool ring_is_socket(enum ev_type type)
{
	return type == EV_SOCKET || type == EV_BIND || type == EV_LISTEN || type == EV_CONNECT ||
	       type == EV_ACCEPT;
}

/* Went when addresses were copied at submission (6.10), and no more when the request is served. */
struct io_async_connect___6_1 {
	struct __kernel_sockaddr_storage address;
} __attribute__((preserve_access_index));

#define ring_copies_addresses (!bpf_core_type_exists(struct io_async_connect___6_1))

/* Where data is to be sent to. */
static __always_inline void ring_message_address(struct record_slot *slot, __u64 request,
						 __u8 opcode)
{
	struct io_sr_msg *message = (struct io_sr_msg *)ring_command(request);
	struct io_kiocb *req = (struct io_kiocb *)request;

	if (ring_copies_addresses) {
		struct io_async_msghdr *copy = BPF_CORE_READ(req, async_data);
		const void *name = BPF_CORE_READ(copy, msg.msg_name);

		if (name)
			socket_address(slot, name, BPF_CORE_READ(copy, msg.msg_namelen));
		return;
	}
	if (opcode == IORING_OP_SENDMSG || opcode == IORING_OP_SENDMSG_ZC) {
		struct io_ring_ctx *ring = BPF_CORE_READ(req, ctx);

		if (!BPF_CORE_READ_BITFIELD_PROBED(ring, compat))
			bare_message_address(slot, (__u64)BPF_CORE_READ(message, umsg));
	} else if (bpf_core_field_exists(message->addr)) {
		bare_address(slot, (__u64)BPF_CORE_READ(message, addr),
			     BPF_CORE_READ(message, addr_len));
	}
}

static __always_inline void ring_address(struct record_slot *slot, __u64 request, __u8 opcode)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_connect *connect = (struct io_connect *)ring_command(request);
	const void *copy = BPF_CORE_READ(req, async_data);

	if (socket_record(slot)->call.header.present & EV_SOCKET_HAS_ADDRESS)
		return;
	if (opcode == IORING_OP_BIND) {
		struct io_bind *bind = (struct io_bind *)connect;

		if (bpf_core_type_exists(struct io_bind))
			socket_address(slot, copy, BPF_CORE_READ(bind, addr_len));
	} else if (opcode != IORING_OP_CONNECT) {
		ring_message_address(slot, request, opcode);
	} else if (ring_copies_addresses) {
		socket_address(slot, copy, BPF_CORE_READ(connect, addr_len));
	} else {
		bare_address(slot, (__u64)BPF_CORE_READ(connect, addr),
			     BPF_CORE_READ(connect, addr_len));
	}
}

/* Whether its result is a descriptor. */
static __always_inline bool ring_socket_asked(struct record_slot *slot, __u64 request,
					      enum ev_type type, __u8 opcode)
{
	struct ev_socket_call *record = socket_record(slot);
	struct io_socket *socket = (struct io_socket *)ring_command(request);
	struct io_accept *accept = (struct io_accept *)socket;
	struct io_listen *listen = (struct io_listen *)socket;

	switch (type) {
	case EV_SOCKET:
		record->kind.family = BPF_CORE_READ(socket, domain);
		record->kind.type = BPF_CORE_READ(socket, type) | BPF_CORE_READ(socket, flags);
		record->kind.protocol = BPF_CORE_READ(socket, protocol);
		return !BPF_CORE_READ(socket, file_slot);
	case EV_ACCEPT:
		record->kind.type = BPF_CORE_READ(accept, flags);
		return !BPF_CORE_READ(accept, file_slot);
	case EV_LISTEN:
		if (bpf_core_type_exists(struct io_listen))
			record->backlog = BPF_CORE_READ(listen, backlog);
		return false;
	default:
		ring_address(slot, request, opcode);
		return false;
	}
}

static __always_inline void ring_multishot(__u64 request)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct io_accept *accept = (struct io_accept *)ring_command(request);
	struct ring_name name = {
		.ring = (__u64)BPF_CORE_READ(req, ctx),
		.user_data = BPF_CORE_READ(req, cqe.user_data),
	};

	if (bpf_core_field_exists(accept->iou_flags) && /* else it may be one */
	    !(BPF_CORE_READ(accept, iou_flags) & RING_ACCEPT_MULTISHOT))
		return;
	bpf_map_update_elem(&ring_multishots, &name, &request, BPF_ANY);
}

/* A request that was submitted and is wanted. */
__noinline int ring_socket_submitted(__u64 request, enum ev_type type)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	__u8 opcode = BPF_CORE_READ(req, opcode);
	struct record_slot *slot = slot_claim(sizeof(struct ev_socket_call));
	struct ring_wait *wait;
	bool descriptor;
	long error;

	if (!slot) {
		account_no_slot(EV_CLASS_BULK);
		return 0;
	}
	call_clear(slot, sizeof(struct ev_socket_call));
	call_fill(slot, type);
	ring_caller(&socket_record(slot)->call, request);
	if (type != EV_SOCKET && !ring_flag(request, RING_FIXED_FILE))
		socket_has_fd(socket_record(slot), BPF_CORE_READ(req, cqe.fd));
	descriptor = ring_socket_asked(slot, request, type, opcode);
	wait = bpf_map_lookup_elem(&ring_waits, &request);
	if (wait) /* its result was not told */
		account_no_slot(EV_CLASS_BULK);
	error = slot->tail > RING_WAIT_RECORD ||
		bpf_map_update_elem(&ring_waits, &request, slot->record, BPF_ANY);
	wait = error ? NULL : bpf_map_lookup_elem(&ring_waits, &request);
	if (wait) {
		wait->bytes = slot->tail;
		wait->descriptor = descriptor;
		wait->connects = opcode == IORING_OP_CONNECT;
		if (type == EV_ACCEPT)
			ring_multishot(request);
	} else {
		account_no_slot(EV_CLASS_BULK);
	}
	slot_release(slot);
	return 0;
}

/* What is known of the socket when it is over: the new one, or the one that the request is for. */
static __always_inline void ring_socket_fill(struct record_slot *slot, __u64 request,
					     enum ev_type type, bool descriptor, long result)
{
	struct ev_socket_call *record = socket_record(slot);
	struct io_kiocb *req = (struct io_kiocb *)request;
	bool made = result >= 0 && (type == EV_SOCKET || type == EV_ACCEPT);
	struct file *file = NULL;

	if (!made)
		file = BPF_CORE_READ(req, file);
	else if (descriptor && ring_is_ours(&record->call.header))
		file = file_of_fd(result);
	if (file && (made || type != EV_SOCKET))
		socket_fill(slot, socket_of_file(file));
	if (type == EV_BIND || type == EV_LISTEN || type == EV_ACCEPT)
		record->socket.flags = EV_SOCKET_SERVER;
	if (type == EV_BIND || type == EV_CONNECT)
		ring_address(slot, request, BPF_CORE_READ(req, opcode));
	if (type == EV_CONNECT)
		socket_remote_asked(record);
}

/* A request has a result, its only or last one, or one of several. */
__noinline int ring_socket_completed(__u64 request, enum ev_type type, long result, bool last)
{
	struct ring_wait *wait = bpf_map_lookup_elem(&ring_waits, &request);
	struct bare_socket asked = {};
	struct record_slot *slot;
	bool descriptor;
	__u64 bytes;

	if (!wait)
		return 0;
	slot = result == -ECANCELED ? NULL : slot_claim(sizeof(struct ev_socket_call));
	if (!slot) {
		if (result != -ECANCELED)
			account_no_slot(EV_CLASS_BULK);
		goto done;
	}
	bytes = wait->bytes;
	barrier_var(bytes);
	if (bytes <= RING_WAIT_RECORD)
		bpf_probe_read_kernel(slot->record, bytes, wait->record);
	slot->tail = bytes;
	descriptor = wait->descriptor;
	/* It may have waited: it is told when it happens. */
	socket_record(slot)->call.header.time = bpf_ktime_get_boot_ns();
	ring_socket_fill(slot, request, type, descriptor, result);
	asked.call = wait->connects ? BARE_CONNECT : BARE_SENDTO;
	if (type == EV_CONNECT && !bare_connects(&asked, socket_record(slot)))
		slot_release(slot);
	else if (descriptor)
		socket_end_with_fd(slot, call_result(result));
	else
		socket_end(slot, result < 0 ? call_result(result) : 0);
done:
	if (last)
		bpf_map_delete_elem(&ring_waits, &request);
	return 0;
}

/* Of an accept that goes on. */
static __always_inline void ring_one_of_several(struct hook_ring_complete *hook)
{
	struct ring_name name = {.ring = hook->ring, .user_data = hook->user_data};
	__u64 *request = bpf_map_lookup_elem(&ring_multishots, &name);

	if (request)
		ring_socket_completed(*request, EV_ACCEPT, hook->result, false);
}

static __always_inline void ring_multishot_over(struct hook_ring_complete *hook)
{
	struct ring_name name = {.ring = hook->ring, .user_data = hook->user_data};

	bpf_map_delete_elem(&ring_multishots, &name);
}
