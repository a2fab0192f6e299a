/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations on sockets as the tracepoints of all system calls show them. What is said of a socket is the kernel's
 * own, found by the descriptor when the call is over; addresses that were asked for, and what socketcall(2) was given,
 * only the caller's memory has.
 */
#pragma once

#include "syscalls/bare_call.bpf.h"
#include "syscalls/sockets.bpf.h"

#define MSG_FASTOPEN 0x20000000 /* linux/socket.h */
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define ADDRESS_MAX 128 /* sizeof(struct sockaddr_storage) */

/* A call as if it had come by a number of its own. */
struct bare_socket {
	__u32 call; /* enum bare_socket_call */
	bool in_memory;
	__u64 args[6];
};

static __always_inline __u32 bare_socket_words(__u32 call)
{
	switch (call) {
	case BARE_LISTEN:
		return 2;
	case BARE_SOCKET_NEW:
	case BARE_BIND:
	case BARE_CONNECT:
	case BARE_ACCEPT:
	case BARE_SENDMSG:
		return 3;
	case BARE_SOCKETPAIR:
	case BARE_ACCEPT4:
	case BARE_SENDMMSG:
		return 4;
	case BARE_SENDTO:
		return 6;
	default:
		return 0;
	}
}

static __always_inline enum ev_type bare_socket_type(const struct bare_socket *socket)
{
	__u64 flags;

	switch (socket->call) {
	case BARE_SOCKET_NEW:
		return EV_SOCKET;
	case BARE_SOCKETPAIR:
		return EV_SOCKETPAIR;
	case BARE_BIND:
		return EV_BIND;
	case BARE_LISTEN:
		return EV_LISTEN;
	case BARE_CONNECT:
		return EV_CONNECT;
	case BARE_ACCEPT:
	case BARE_ACCEPT4:
		return EV_ACCEPT;
	case BARE_SENDTO:
	case BARE_SENDMMSG:
		flags = socket->args[3];
		break;
	case BARE_SENDMSG:
		flags = socket->args[2];
		break;
	default:
		return EV_NONE;
	}
	return flags & MSG_FASTOPEN ? EV_CONNECT : EV_NONE;
}

/* By a number of its own or by the one for all. False: what was given cannot be read. */
static __always_inline bool bare_socket_given(struct bare_socket *socket, __u32 own,
					      const __u64 args[6])
{
	__u32 words[6] = {}, count;

	socket->in_memory = own == BARE_ANY_SOCKET_CALL;
	if (!socket->in_memory) {
		socket->call = own;
		__builtin_memcpy(socket->args, args, sizeof(socket->args));
		return true;
	}
	socket->call = args[0];
	count = bare_socket_words(socket->call);
	barrier_var(count);
	if (!count || count > 6 ||
	    bpf_probe_read_user(words, count * sizeof(words[0]), (void *)args[1]))
		return false;
#pragma clang loop unroll(full)
	for (int i = 0; i < 6; i++)
		socket->args[i] = words[i];
	return true;
}

/* The call is let in. `own`: which call it is by the table. */
__noinline int bare_socket_begin(__u32 number, __u32 compat, __u32 own)
{
	struct bare_socket socket = {};
	struct bare_mark *mark;
	enum ev_type type;
	__u64 args[6];
	bool given;

	syscall_args(args);
	given = bare_socket_given(&socket, own, args);
	type = bare_socket_type(&socket);
	if (type == EV_NONE || !bare_has(type) || !call_wanted(type))
		return 0;
	mark = bare_mark(number, compat);
	if (!mark || !given)
		return 0;
	__builtin_memcpy(mark->args, socket.args, sizeof(mark->args));
	mark->known = 1;
	mark->file = (__u64)file_of_fd(socket.args[0]);
	return 0;
}

/* ---- it comes back ---- */

/* A struct sockaddr in the caller's memory, read as if it were the kernel's copy. */
static __noinline void bare_address(struct record_slot *slot, __u64 from, __u64 length)
{
	__u8 *copy = &slot->scratch[SCRATCH_MARGIN];

	barrier_var(length);
	if (!length || length > ADDRESS_MAX)
		return;
	__builtin_memset(copy, 0, ADDRESS_MAX + 8); /* a name may fill it to its end */
	if (bpf_probe_read_user(copy, length, (void *)from))
		return;
	socket_record(slot)->call.flags |= EV_CALL_USER_MEMORY;
	socket_address(slot, copy, length);
}

/* Of sendmsg, and of sendmmsg the first. */
static __always_inline void bare_message_address(struct record_slot *slot, __u64 from)
{
	if (socket_record(slot)->call.flags & EV_CALL_COMPAT) {
		__u32 name[2]; /* struct compat_msghdr begins with where it is and how long */

		if (!bpf_probe_read_user(name, sizeof(name), (void *)from))
			bare_address(slot, name[0], name[1]);
	} else {
		struct {
			__u64 address;
			__u32 length;
			__u32 pad;
		} name;

		if (!bpf_probe_read_user(&name, sizeof(name), (void *)from))
			bare_address(slot, name.address, name.length);
	}
}

static __always_inline void bare_socket_address(struct record_slot *slot,
						const struct bare_socket *socket)
{
	switch (socket->call) {
	case BARE_BIND:
	case BARE_CONNECT:
		return bare_address(slot, socket->args[1], (__u32)socket->args[2]);
	case BARE_SENDTO:
		return bare_address(slot, socket->args[4], (__u32)socket->args[5]);
	case BARE_SENDMSG:
	case BARE_SENDMMSG:
		return bare_message_address(slot, socket->args[1]);
	default:
		return;
	}
}

static __always_inline struct sock *unix_peer(struct socket *socket)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);

	return BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX
		       ? BPF_CORE_READ((struct unix_sock *)sk, peer)
		       : NULL;
}

/* Which descriptors they are, the caller's memory says: believed when they are one another's other end. */
static __always_inline void bare_pair(struct record_slot *slot, __u64 from)
{
	struct ev_socket_call *record = socket_record(slot);
	struct socket *one, *other;
	__s32 fds[2];

	if (bpf_probe_read_user(fds, sizeof(fds), (void *)from))
		return;
	one = socket_of_file(file_of_fd(fds[0]));
	other = socket_of_file(file_of_fd(fds[1]));
	if (!one || !other || unix_peer(one) != BPF_CORE_READ(other, sk) ||
	    unix_peer(other) != BPF_CORE_READ(one, sk))
		return;
	record->fd = fds[0];
	record->pair_fd = fds[1];
	record->call.header.present |= EV_SOCKET_HAS_PAIR;
	record->call.flags |= EV_CALL_USER_MEMORY;
	socket_fill(slot, one);
}

/* Data with the SYN is a connection only where the socket is TCP's, and is told where to. */
static __always_inline bool bare_connects(const struct bare_socket *socket,
					  const struct ev_socket_call *record)
{
	__u32 protocol = record->socket.kind.protocol;

	if (socket->call == BARE_CONNECT)
		return true;
	return record->call.header.present & EV_SOCKET_HAS_ADDRESS &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

static __always_inline void bare_socket_fill(struct record_slot *slot, enum ev_type type,
					     const struct bare_socket *socket, struct file *file,
					     long result)
{
	struct ev_socket_call *record = socket_record(slot);
	const __u64 *args = socket->args;
	bool made = result >= 0 && (type == EV_SOCKET || type == EV_ACCEPT);

	if (type == EV_SOCKET || type == EV_SOCKETPAIR) {
		record->kind.family = args[0];
		record->kind.type = args[1];
		record->kind.protocol = args[2];
	} else {
		socket_has_fd(record, args[0]);
	}
	if (type == EV_LISTEN)
		record->backlog = args[1];
	if (socket->call == BARE_ACCEPT4)
		record->kind.type = args[3];
	if (type == EV_SOCKETPAIR) {
		if (result >= 0)
			bare_pair(slot, args[3]);
		return;
	}
	/* The new one; a thread can have put another one there since. */
	if (made)
		file = file_of_fd(result);
	if (made || type != EV_SOCKET)
		socket_fill(slot, socket_of_file(file));
	if (type == EV_BIND || type == EV_LISTEN || type == EV_ACCEPT)
		record->socket.flags = EV_SOCKET_SERVER;
	bare_socket_address(slot, socket);
	if (type == EV_CONNECT)
		socket_remote_asked(record);
}

__noinline int bare_socket_end(__u32 number, __u32 compat, __u32 own, long result)
{
	struct bare_mark *mark = bare_marked(number, compat);
	struct bare_socket socket = {};
	struct record_slot *slot;
	struct file *file;
	enum ev_type type;
	__u64 args[6];

	if (!mark)
		return 0;
	syscall_args(args);
	if (mark->known) {
		socket.in_memory = own == BARE_ANY_SOCKET_CALL;
		socket.call = socket.in_memory ? args[0] : own;
		__builtin_memcpy(socket.args, mark->args, sizeof(socket.args));
		file = bare_same_file(mark->file, socket.args[0]);
	} else { /* its page was not there; it is now, unless the kernel could not read it either */
		if (!bare_socket_given(&socket, own, args))
			return 0;
		file = file_of_fd(socket.args[0]);
	}
	type = bare_socket_type(&socket);
	if (type == EV_NONE || !bare_has(type))
		return 0;
	slot = socket_begin(type);
	if (!slot)
		return 0;
	bare_socket_fill(slot, type, &socket, file, result);
	if (type == EV_CONNECT && !bare_connects(&socket, socket_record(slot))) {
		slot_release(slot);
		return 0;
	}
	if (socket.in_memory)
		socket_record(slot)->call.flags |= EV_CALL_USER_MEMORY;
	if (type == EV_SOCKET || type == EV_ACCEPT)
		socket_end_with_fd(slot, call_result(result));
	else
		socket_end(slot, result < 0 ? call_result(result) : 0);
	return 0;
}
