/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations on sockets. connect and accept may block, so a record is begun when the kernel's inner
 * function comes back, with all that is known of the socket, and sent when the outer one has the
 * descriptor. socket, bind, listen and socketpair do not wait for anybody: theirs are begun at the entry.
 */
#pragma once

#include <asm-generic/errno.h>

#include "hooks/accept_done.h"
#include "hooks/accept_return.h"
#include "hooks/call_enter.h"
#include "hooks/call_return.h"
#include "hooks/connect_done.h"
#include "hooks/connect_return.h"
#include "hooks/ring_enter.h"
#include "hooks/socket_create.h"
#include "hooks/socket_done.h"
#include "hooks/socket_enter.h"
#include "socket.bpf.h"
#include "syscalls/call.bpf.h"

#define NR_COMPAT_SOCKETCALL 102

/* What a record's later hooks keep in its slot. */
enum socket_kept {
	KEPT_SOCKET = 0,
	KEPT_ERROR = 0,	      /* connect, accept: of the inner function */
	KEPT_OTHER = 1,	      /* socketpair: the second socket */
	KEPT_DESCRIPTORS = 2, /* socketpair: where the caller wants them, user memory */
};

/* The descriptor that this thread's ring request is for, or RING_NO_FD: gone from the request when it ends. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __s32);
} ring_fds SEC(".maps");

static __always_inline struct ev_socket_call *socket_record(struct record_slot *slot)
{
	return (struct ev_socket_call *)slot->record;
}

static __always_inline struct record_slot *socket_begin(enum ev_type type)
{
	struct record_slot *slot = call_begin(type, sizeof(struct ev_socket_call));

	if (slot)
		__builtin_memset(slot->kept, 0, sizeof(slot->kept));
	return slot;
}

static __always_inline void socket_has_fd(struct ev_socket_call *record, __s32 fd)
{
	record->fd = fd;
	record->call.header.present |= EV_SOCKET_HAS_FD;
}

/* The socket as it is now. */
static __always_inline void socket_fill(struct record_slot *slot, struct socket *socket)
{
	struct ev_socket_call *record = socket_record(slot);

	__builtin_memset(&record->socket, 0, sizeof(record->socket));
	if (!socket_append(slot, offsetof(struct ev_socket_call, socket), socket))
		return;
	record->call.header.present |= EV_SOCKET_HAS_SOCKET;
	if (record->socket.peer_pid)
		record->call.header.present |= EV_SOCKET_HAS_PEER;
}

static __always_inline void socket_address(struct record_slot *slot, const void *address,
					   int length)
{
	address_append(slot, offsetof(struct ev_socket_call, address), address, length);
	socket_record(slot)->call.header.present |= EV_SOCKET_HAS_ADDRESS;
}

/* The kernel forgets the other end of an attempt that failed. */
static __always_inline void socket_remote_asked(struct ev_socket_call *record)
{
	if (record->socket.remote.family != AF_UNSPEC)
		return;
	record->socket.remote = record->address;
	address_unmap(&record->socket.remote);
}

/* A signal has interrupted it: the kernel's own number for that is no errno. */
static __always_inline void socket_end(struct record_slot *slot, long result)
{
	call_end(slot, result == -ERESTARTSYS ? -EINTR : result);
}

static __always_inline void socket_end_with_fd(struct record_slot *slot, long result)
{
	if (result >= 0)
		socket_record(slot)->call.header.present |= EV_SOCKET_HAS_NEW_FD;
	socket_end(slot, result);
}

/* A ring's request, and the descriptor that it is for. */
static __always_inline void socket_by_ring(struct ev_socket_call *record)
{
	__s32 *fd = bpf_task_storage_get(&ring_fds, bpf_get_current_task_btf(), NULL, 0);

	call_by_ring(&record->call);
	if (fd && *fd != RING_NO_FD)
		socket_has_fd(record, *fd);
}

static __always_inline void syscalls__ring_enter(struct hook_ring_enter *hook)
{
	__s32 *fd = bpf_task_storage_get(&ring_fds, bpf_get_current_task_btf(), NULL,
					 BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (fd)
		*fd = hook->fd;
}

static __always_inline void syscalls__socket_enter(struct hook_socket_enter *hook)
{
	struct record_slot *slot = socket_begin(EV_SOCKET);
	struct ev_socket_call *record;

	if (!slot)
		return;
	record = socket_record(slot);
	record->kind.family = hook->family;
	record->kind.type = hook->type;
	record->kind.protocol = hook->protocol;
	if (hook->ring)
		call_by_ring(&record->call);
}

static __always_inline void syscalls__socket_create(struct hook_socket_create *hook)
{
	struct record_slot *slot = pending_find();

	if (call_pending(slot, EV_SOCKET))
		socket_fill(slot, hook->socket);
}

static __always_inline void syscalls__socket_done(struct hook_socket_done *hook)
{
	struct record_slot *slot = pending_find();

	if (!call_pending(slot, EV_SOCKET))
		return;
	if (hook->again)
		slot_release(slot);
	else if (hook->no_fd)
		socket_end(slot, hook->result < 0 ? hook->result : 0);
	else
		socket_end_with_fd(slot, hook->result);
}

/* The descriptor is the system call's first argument, in the caller's registers. */
static __always_inline void socket_has_fd_argument(struct ev_socket_call *record)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	bool compat = record->call.flags & EV_CALL_COMPAT;

	if (record->call.flags & EV_CALL_IO_URING ||
	    (compat && record->call.syscall == NR_COMPAT_SOCKETCALL))
		return;
	socket_has_fd(record, compat ? regs->bx : regs->di);
}

static __always_inline void syscalls__connect_return(struct hook_connect_return *hook)
{
	struct record_slot *slot = socket_begin(EV_CONNECT);
	struct ev_socket_call *record;

	if (!slot)
		return;
	record = socket_record(slot);
	socket_fill(slot, hook->socket);
	socket_address(slot, hook->address, hook->length);
	socket_remote_asked(record);
	slot->kept[KEPT_ERROR] = hook->error;
	if (!hook->fastopen)
		return;
	socket_has_fd_argument(record);
	socket_end(slot, hook->error);
}

/* What only the system call itself sees: nothing was done, and there is no more than this. */
static __always_inline void socket_early(enum ev_type type, __s32 fd, __u32 flags, long error)
{
	struct record_slot *slot;

	if (error != -EBADF && error != -EFAULT && error != -EINVAL && error != -EMFILE &&
	    error != -ENFILE)
		return;
	slot = socket_begin(type);
	if (!slot)
		return;
	socket_record(slot)->kind.type = flags;
	socket_has_fd(socket_record(slot), fd);
	socket_end(slot, error);
}

static __always_inline void syscalls__connect_done(struct hook_connect_done *hook)
{
	struct record_slot *slot = pending_find();
	long error;

	if (!call_pending(slot, EV_CONNECT)) {
		if (!hook->ring && hook->result < 0)
			socket_early(EV_CONNECT, hook->fd, 0, hook->result);
		return;
	}
	error = slot->kept[KEPT_ERROR];
	/* A ring tries again, and says at the end what became of an attempt that was reported when it was made. */
	if (hook->known || (hook->again && error != -EINPROGRESS))
		return slot_release(slot);
	if (hook->ring)
		socket_by_ring(socket_record(slot));
	else
		socket_has_fd(socket_record(slot), hook->fd);
	socket_end(slot, hook->again ? error : hook->result);
}

static __always_inline void syscalls__accept_return(struct hook_accept_return *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_socket_call *record;

	/* A ring accepts one after the other for one request. */
	if (call_pending(slot, EV_ACCEPT)) {
		socket_by_ring(socket_record(slot));
		socket_end(slot, slot->kept[KEPT_ERROR]);
	}
	slot = socket_begin(EV_ACCEPT);
	if (!slot)
		return;
	record = socket_record(slot);
	socket_fill(slot, hook->socket);
	record->socket.flags = EV_SOCKET_SERVER;
	record->kind.type = hook->flags;
	slot->kept[KEPT_ERROR] = hook->error;
}

static __always_inline void syscalls__accept_done(struct hook_accept_done *hook)
{
	struct record_slot *slot = pending_find();
	long error;

	if (!call_pending(slot, EV_ACCEPT)) {
		if (!hook->ring && hook->result < 0)
			socket_early(EV_ACCEPT, hook->fd, hook->flags, hook->result);
		return;
	}
	error = slot->kept[KEPT_ERROR];
	if (hook->again && error == -EAGAIN) /* a ring waits */
		return slot_release(slot);
	if (hook->ring)
		socket_by_ring(socket_record(slot));
	else
		socket_has_fd(socket_record(slot), hook->fd);
	if (hook->again || hook->no_fd)
		socket_end(slot, error);
	else
		socket_end_with_fd(slot, hook->result);
}

/* bind, listen: begun with the descriptor. */
static __noinline void socket_by_fd(enum ev_type type, __s32 fd, __s32 backlog, bool ring)
{
	struct record_slot *slot = socket_begin(type);

	if (!slot)
		return;
	socket_record(slot)->backlog = backlog;
	if (fd != RING_NO_FD)
		socket_has_fd(socket_record(slot), fd);
	if (ring)
		call_by_ring(&socket_record(slot)->call);
}

static __noinline void socketpair_begin(__u32 family, __u32 type, __u32 protocol, __u64 descriptors)
{
	struct record_slot *slot = socket_begin(EV_SOCKETPAIR);

	if (!slot)
		return;
	socket_record(slot)->kind.family = family;
	socket_record(slot)->kind.type = type;
	socket_record(slot)->kind.protocol = protocol;
	slot->kept[KEPT_DESCRIPTORS] = descriptors;
}

/* The kernel has found the socket; it is what the act of `type` is about. */
static __noinline void socket_found(enum ev_type type, __u64 socket, __u64 other, int length)
{
	struct record_slot *slot = pending_find();

	if (!call_pending(slot, type))
		return;
	slot->kept[KEPT_SOCKET] = socket;
	slot->kept[KEPT_OTHER] = other;
	socket_fill(slot, (struct socket *)socket);
	if (type != EV_SOCKETPAIR)
		socket_record(slot)->socket.flags = EV_SOCKET_SERVER;
	if (type == EV_BIND)
		socket_address(slot, (const void *)other, length);
}

/* It has been done, or not; the socket cannot go away yet. */
static __noinline void socket_changed(enum ev_type type)
{
	struct record_slot *slot = pending_find();
	__u32 flags;

	if (!call_pending(slot, type) || !slot->kept[KEPT_SOCKET])
		return;
	flags = socket_record(slot)->socket.flags;
	socket_fill(slot, (struct socket *)slot->kept[KEPT_SOCKET]);
	socket_record(slot)->socket.flags = flags;
}

/*
 * The kernel says which descriptors it made to the caller's memory only, where another thread may write
 * too: they are believed when the sockets are behind them.
 */
static __always_inline void socketpair_descriptors(struct record_slot *slot)
{
	struct ev_socket_call *record = socket_record(slot);
	__s32 fds[2];

	if (bpf_probe_read_user(fds, sizeof(fds), (void *)slot->kept[KEPT_DESCRIPTORS]) ||
	    (__u64)socket_of_file(file_of_fd(fds[0])) != slot->kept[KEPT_SOCKET] ||
	    (__u64)socket_of_file(file_of_fd(fds[1])) != slot->kept[KEPT_OTHER])
		return;
	record->fd = fds[0];
	record->pair_fd = fds[1];
	record->call.header.present |= EV_SOCKET_HAS_PAIR;
}

static __noinline void socket_returned(enum ev_type type, long result)
{
	struct record_slot *slot = pending_find();

	if (!call_pending(slot, type))
		return;
	if (type == EV_SOCKETPAIR && result >= 0)
		socketpair_descriptors(slot);
	socket_end(slot, result);
}

/* Called by the system call too, which knows the descriptor. */
static __always_inline void ring_returned(enum ev_type type, long result)
{
	struct record_slot *slot = pending_find();
	struct ev_call *call = call_pending(slot, type);

	if (call && call->flags & EV_CALL_IO_URING)
		socket_end(slot, result);
}

static __always_inline void sockets_enter(struct hook_call_enter *hook)
{
	__u64 *args = hook->args;

	switch (hook->function) {
	case PROBE___sys_socketpair:
		return socketpair_begin(args[0], args[1], args[2], args[3]);
	case PROBE___sys_bind:
		return socket_by_fd(EV_BIND, args[0], 0, false);
	case PROBE___sys_listen:
		return socket_by_fd(EV_LISTEN, args[0], args[1], false);
	case PROBE_io_bind:
		return socket_by_fd(EV_BIND, ring_fd(args[0]), 0, true);
	case PROBE_io_listen:
		if (!bpf_core_type_exists(struct io_listen))
			return;
		return socket_by_fd(
			EV_LISTEN, ring_fd(args[0]),
			BPF_CORE_READ((struct io_listen *)ring_command(args[0]), backlog), true);
	case PROBE_security_socket_socketpair:
		return socket_found(EV_SOCKETPAIR, args[0], args[1], 0);
	case PROBE_security_socket_bind:
		return socket_found(EV_BIND, args[0], args[1], args[2]);
	case PROBE_security_socket_listen:
		return socket_found(EV_LISTEN, args[0], 0, 0);
	default:
		return;
	}
}

static __always_inline void sockets_return(struct hook_call_return *hook)
{
	switch (hook->function) {
	case PROBE_unix_socketpair:
		return socket_changed(EV_SOCKETPAIR);
	case PROBE_inet_bind:
	case PROBE_inet6_bind:
	case PROBE_unix_bind:
	case PROBE_netlink_bind:
	case PROBE_packet_bind:
		return socket_changed(EV_BIND);
	case PROBE_inet_listen:
	case PROBE_unix_listen:
		return socket_changed(EV_LISTEN);
	case PROBE___sys_socketpair:
		return socket_returned(EV_SOCKETPAIR, hook->result);
	case PROBE___sys_bind:
		return socket_returned(EV_BIND, hook->result);
	case PROBE___sys_listen:
		return socket_returned(EV_LISTEN, hook->result);
	case PROBE___sys_bind_socket: /* a ring's; in the system call the compiler may have inlined it */
		return ring_returned(EV_BIND, hook->result);
	case PROBE___sys_listen_socket:
		return ring_returned(EV_LISTEN, hook->result);
	default:
		return;
	}
}
