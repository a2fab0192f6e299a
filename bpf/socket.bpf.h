/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What a socket is, read from the kernel's own object at the moment of the operation; and an address as
 * the kernel has copied it from its caller.
 */
#pragma once

#include <bpf/bpf_endian.h>

#include "task.bpf.h"
#include "wire/socket.h"

/* uapi/linux/magic.h, linux/socket.h, linux/net.h, net/tcp_states.h */
#define SOCKFS_MAGIC 0x534f434b
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_VSOCK 40
#define STATE_ESTABLISHED 1

#define UNIX_PATH_OFFSET 2 /* of sockaddr_un.sun_path */

static __always_inline struct socket *file_socket(struct file *at, bool in_place)
{
	struct file *file = typed(at, in_place);
	struct inode *inode = typed(member_of(file, f_inode, in_place), in_place);
	struct super_block *fs = typed(member_of(inode, i_sb, in_place), in_place);

	return member_of(fs, s_magic, in_place) == SOCKFS_MAGIC
		       ? member_of(file, private_data, in_place)
		       : NULL;
}

/* The socket that a file stands for; NULL when it is another kind of file. */
static __always_inline struct socket *socket_of_file(struct file *file)
{
	if (!file)
		return NULL;
	return reads_in_place ? file_socket(file, true) : file_socket(file, false);
}

/* ::ffff:a.b.c.d becomes a.b.c.d. */
static __always_inline void address_unmap(struct ev_address *address)
{
	__u32 *words = (__u32 *)address->bytes;

	if (address->family != AF_INET6 || words[0] || words[1] || words[2] != bpf_htonl(0xffff))
		return;
	words[0] = words[3];
	words[2] = 0;
	words[3] = 0;
	address->family = AF_INET;
}

/* length: of the name, which ends at its first NUL unless it begins with one. */
static __always_inline void unix_name_fill(struct record_slot *slot, struct ev_string *to,
					   const char *name, __u32 length)
{
	char first = 0;

	if (!length ||
	    length > EV_UNIX_NAME_MAX + 1) /* the kernel adds a NUL where there is none */
		return;
	bpf_probe_read_kernel(&first, sizeof(first), name);
	if (first)
		tail_kernel_name(slot, to, name, length + 1);
	else
		tail_kernel_bytes(slot, to, name, length);
}

static __always_inline void address_copy(struct record_slot *slot, struct ev_address *to,
					 int length, bool in_place)
{
	__u64 sockaddr = slot->from;
	struct sockaddr *any = typed((struct sockaddr *)sockaddr, in_place);

	to->family = member_of(any, sa_family, in_place);
	switch (to->family) {
	case AF_INET: {
		struct sockaddr_in *in = typed((struct sockaddr_in *)sockaddr, in_place);

		if (length < (int)sizeof(*in))
			return;
		to->port = bpf_ntohs(member_of(in, sin_port, in_place));
		*(__u32 *)to->bytes = member_of(in, sin_addr.s_addr, in_place);
		return;
	}
	case AF_INET6: {
		struct sockaddr_in6 *in6 = typed((struct sockaddr_in6 *)sockaddr, in_place);

		/* The scope was not part of it in the beginning, and may be missing (SIN6_LEN_RFC2133). */
		if (length < (int)offsetof(struct sockaddr_in6, sin6_scope_id))
			return;
		to->port = bpf_ntohs(member_of(in6, sin6_port, in_place));
		BPF_CORE_READ_INTO(&to->bytes, in6, sin6_addr);
		if (length >= (int)sizeof(*in6))
			to->scope = member_of(in6, sin6_scope_id, in_place);
		return;
	}
	case AF_UNIX:
		unix_name_fill(slot, &to->name, (const char *)sockaddr + UNIX_PATH_OFFSET,
			       length - UNIX_PATH_OFFSET);
		return;
	case AF_NETLINK: {
		struct sockaddr_nl nl;

		if (length < (int)sizeof(nl) ||
		    bpf_probe_read_kernel(&nl, sizeof(nl), (void *)sockaddr))
			return;
		*(__u32 *)to->bytes = nl.nl_pid;
		to->scope = nl.nl_groups;
		return;
	}
	case AF_PACKET: {
		struct sockaddr_ll ll;

		if (length < (int)offsetof(struct sockaddr_ll, sll_addr) ||
		    bpf_probe_read_kernel(&ll, sizeof(ll), (void *)sockaddr))
			return;
		to->port = bpf_ntohs(ll.sll_protocol);
		to->scope = ll.sll_ifindex;
		return;
	}
	case AF_VSOCK: {
		struct sockaddr_vm {
			__u16 family, reserved;
			__u32 port, cid;
		} vm;

		if (length < (int)sizeof(vm) ||
		    bpf_probe_read_kernel(&vm, sizeof(vm), (void *)sockaddr))
			return;
		((__u32 *)to->bytes)[0] = vm.cid;
		((__u32 *)to->bytes)[1] = vm.port;
		return;
	}
	default:
		return;
	}
}

/* See address_append(); slot->from: the sockaddr. */
__noinline int address_read(struct record_slot *slot, __u32 at, int length)
{
	struct ev_address *to;

	if (!slot || length < (int)sizeof(to->family))
		return 0;
	to = (struct ev_address *)&slot->record[at & (TAIL_LIMIT - 1)];
	if (reads_in_place)
		address_copy(slot, to, length, true);
	else
		address_copy(slot, to, length, false);
	return 0;
}

/*
 * A struct sockaddr of `length` bytes in the kernel's memory. What is too short for its family is the
 * family alone. `at`: where the struct ev_address lies in the record, which is zero.
 */
static __always_inline void address_append(struct record_slot *slot, __u32 at, const void *sockaddr,
					   int length)
{
	slot->from = (__u64)sockaddr;
	address_read(slot, at, length);
}

/*
 * The port that getsockname(2) shows: also that of an attempt to connect that failed, of which the rest is
 * gone. A raw socket has its protocol there.
 */
static __always_inline __u16 inet_local_port(struct ev_socket *to, struct sock *sk, bool in_place)
{
	struct inet_sock *inet = typed((struct inet_sock *)sk, in_place);

	return to->kind.type == SOCK_RAW ? 0 : bpf_ntohs(member_of(inet, inet_sport, in_place));
}

static __always_inline __u16 inet_remote_port(struct sock *sk, bool in_place)
{
	return bpf_ntohs(member_of(sk, __sk_common.skc_dport, in_place));
}

static __always_inline void inet_fill(struct ev_socket *to, struct sock *sk, bool in_place)
{
	__u64 addresses = member_of(sk, __sk_common.skc_addrpair, in_place);
	__u32 local = addresses >> 32, remote = addresses;

	to->local.port = inet_local_port(to, sk, in_place);
	if (local || to->local.port) {
		to->local.family = AF_INET;
		*(__u32 *)to->local.bytes = local;
	}
	to->remote.port = inet_remote_port(sk, in_place);
	if (to->remote.port) {
		to->remote.family = AF_INET;
		*(__u32 *)to->remote.bytes = remote;
	}
}

/* Of a link-local address, the interface is a part. */
static __always_inline void inet6_end_fill(struct ev_address *to, __u32 interface)
{
	to->family = AF_INET6;
	if (to->bytes[0] == 0xfe && (to->bytes[1] & 0xc0) == 0x80)
		to->scope = interface;
	address_unmap(to);
}

static __always_inline void inet6_fill(struct ev_socket *to, struct sock *sk, bool in_place)
{
	__u64 *local = (__u64 *)to->local.bytes;

	to->local.port = inet_local_port(to, sk, in_place);
	BPF_CORE_READ_INTO(&to->local.bytes, sk, __sk_common.skc_v6_rcv_saddr);
	if (local[0] || local[1] || to->local.port)
		inet6_end_fill(&to->local, to->interface);
	to->remote.port = inet_remote_port(sk, in_place);
	if (!to->remote.port)
		return;
	BPF_CORE_READ_INTO(&to->remote.bytes, sk, __sk_common.skc_v6_daddr);
	inet6_end_fill(&to->remote, to->interface);
}

static __always_inline void unix_end_fill(struct record_slot *slot, struct ev_address *to,
					  struct sock *sk, bool in_place)
{
	struct unix_sock *end = typed((struct unix_sock *)sk, in_place);
	struct unix_address *address = typed(member_of(end, addr, in_place), in_place);

	to->family = AF_UNIX;
	if (address)
		unix_name_fill(slot, &to->name,
			       (const char *)__builtin_preserve_access_index(&address->name[0]) +
				       UNIX_PATH_OFFSET,
			       member_of(address, len, in_place) - UNIX_PATH_OFFSET);
}

static __always_inline void unix_fill(struct record_slot *slot, struct ev_socket *to,
				      struct sock *sk, bool in_place)
{
	struct sock *peer = member_of(typed((struct unix_sock *)sk, in_place), peer, in_place);
	const struct cred *cred;

	unix_end_fill(slot, &to->local, sk, in_place);
	if (peer)
		unix_end_fill(slot, &to->remote, peer, in_place);
	if (to->state != STATE_ESTABLISHED) /* a listener has itself there */
		return;
	to->peer_pid = BPF_CORE_READ(sk, sk_peer_pid, numbers[0].nr);
	cred = typed(member_of(sk, sk_peer_cred, in_place), in_place);
	to->peer_uid = member_of(cred, euid.val, in_place);
	to->peer_gid = member_of(cred, egid.val, in_place);
}

static __always_inline void netlink_fill(struct ev_socket *to, struct sock *sk, bool in_place)
{
	struct netlink_sock *nlk = typed((struct netlink_sock *)sk, in_place);

	to->local.family = AF_NETLINK;
	*(__u32 *)to->local.bytes = member_of(nlk, portid, in_place);
	if (!member_of(nlk, state, in_place)) /* NETLINK_CONNECTED (net/netlink/af_netlink.c) */
		return;
	to->remote.family = AF_NETLINK;
	*(__u32 *)to->remote.bytes = member_of(nlk, dst_portid, in_place);
}

static __always_inline void packet_fill(struct ev_socket *to, struct sock *sk, bool in_place)
{
	struct packet_sock *packet = typed((struct packet_sock *)sk, in_place);

	to->local.family = AF_PACKET;
	to->local.port = bpf_ntohs(member_of(packet, num, in_place));
	to->local.scope = member_of(packet, ifindex, in_place);
}

static __always_inline int socket_copy(struct record_slot *slot, struct ev_socket *to,
				       bool in_place)
{
	struct socket *socket = typed((struct socket *)slot->from, in_place);
	struct sock *sk = typed(member_of(socket, sk, in_place), in_place);

	if (!sk)
		return 0;
	to->kind.family = member_of(sk, __sk_common.skc_family, in_place);
	to->kind.type = member_of(sk, sk_type, in_place);
	to->kind.protocol = member_of(sk, sk_protocol, in_place);
	to->state = member_of(sk, __sk_common.skc_state, in_place);
	to->interface = member_of(sk, __sk_common.skc_bound_dev_if, in_place);
	switch (to->kind.family) {
	case AF_INET:
		inet_fill(to, sk, in_place);
		break;
	case AF_INET6:
		inet6_fill(to, sk, in_place);
		break;
	case AF_UNIX:
		unix_fill(slot, to, sk, in_place);
		break;
	case AF_NETLINK:
		netlink_fill(to, sk, in_place);
		break;
	case AF_PACKET:
		packet_fill(to, sk, in_place);
		break;
	default:
		break;
	}
	return 1;
}

/* See socket_append(); slot->from: the socket. */
__noinline int socket_read(struct record_slot *slot, __u32 at)
{
	struct ev_socket *to;

	if (!slot || !slot->from)
		return 0;
	to = (struct ev_socket *)&slot->record[at & (TAIL_LIMIT - 1)];
	return reads_in_place ? socket_copy(slot, to, true) : socket_copy(slot, to, false);
}

/* `at`: where the struct ev_socket lies in the record, which is zero. False when there is no socket. */
static __always_inline bool socket_append(struct record_slot *slot, __u32 at, struct socket *socket)
{
	slot->from = (__u64)socket;
	return socket_read(slot, at);
}
