/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What a socket is, read from the kernel's own object at the moment of the operation; and an address as
 * the kernel has copied it from its caller.
 */
#pragma once

#include <bpf/bpf_endian.h>

#include "tail.bpf.h"
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

/* A member of a kernel object: a plain load where the verifier lets us, else by helper. */
#define peek(pointer, member)                                                                   \
	({                                                                                      \
		typeof(pointer) peek_ = (pointer);                                              \
		bpf_ksym_exists(bpf_rdonly_cast) ? bpf_core_cast(peek_, typeof(*peek_))->member \
						 : BPF_CORE_READ(peek_, member);                \
	})

/* The socket that a file stands for; NULL when it is another kind of file. */
static __always_inline struct socket *socket_of_file(struct file *file)
{
	struct super_block *fs;

	if (!file)
		return NULL;
	fs = peek(peek(file, f_inode), i_sb);
	return peek(fs, s_magic) == SOCKFS_MAGIC ? peek(file, private_data) : NULL;
}

/* What a descriptor of the current process stands for at this moment; NULL when it is closed. */
static __always_inline struct file *file_of_fd(__s32 fd)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
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
		tail_kernel_text(slot, to, name, length);
	else
		tail_kernel_bytes(slot, to, name, length);
}

/* See address_append(); slot->from: the sockaddr. */
__noinline int address_read(struct record_slot *slot, __u32 at, int length)
{
	struct ev_address *to;
	__u64 sockaddr;

	if (!slot || length < (int)sizeof(to->family))
		return 0;
	sockaddr = slot->from;
	to = (struct ev_address *)&slot->record[at & (TAIL_LIMIT - 1)];
	to->family = peek((struct sockaddr *)sockaddr, sa_family);
	switch (to->family) {
	case AF_INET: {
		struct sockaddr_in *in = (struct sockaddr_in *)sockaddr;

		if (length < (int)sizeof(*in))
			return 0;
		to->port = bpf_ntohs(peek(in, sin_port));
		*(__u32 *)to->bytes = peek(in, sin_addr.s_addr);
		return 0;
	}
	case AF_INET6: {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sockaddr;

		/* The scope was not part of it in the beginning, and may be missing (SIN6_LEN_RFC2133). */
		if (length < (int)offsetof(struct sockaddr_in6, sin6_scope_id))
			return 0;
		to->port = bpf_ntohs(peek(in6, sin6_port));
		BPF_CORE_READ_INTO(&to->bytes, in6, sin6_addr);
		if (length >= (int)sizeof(*in6))
			to->scope = peek(in6, sin6_scope_id);
		return 0;
	}
	case AF_UNIX:
		unix_name_fill(slot, &to->name, (const char *)sockaddr + UNIX_PATH_OFFSET,
			       length - UNIX_PATH_OFFSET);
		return 0;
	case AF_NETLINK: {
		struct sockaddr_nl nl;

		if (length < (int)sizeof(nl) ||
		    bpf_probe_read_kernel(&nl, sizeof(nl), (void *)sockaddr))
			return 0;
		*(__u32 *)to->bytes = nl.nl_pid;
		to->scope = nl.nl_groups;
		return 0;
	}
	case AF_PACKET: {
		struct sockaddr_ll ll;

		if (length < (int)offsetof(struct sockaddr_ll, sll_addr) ||
		    bpf_probe_read_kernel(&ll, sizeof(ll), (void *)sockaddr))
			return 0;
		to->port = bpf_ntohs(ll.sll_protocol);
		to->scope = ll.sll_ifindex;
		return 0;
	}
	case AF_VSOCK: {
		struct sockaddr_vm {
			__u16 family, reserved;
			__u32 port, cid;
		} vm;

		if (length < (int)sizeof(vm) ||
		    bpf_probe_read_kernel(&vm, sizeof(vm), (void *)sockaddr))
			return 0;
		((__u32 *)to->bytes)[0] = vm.cid;
		((__u32 *)to->bytes)[1] = vm.port;
		return 0;
	}
	default:
		return 0;
	}
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
static __always_inline __u16 inet_local_port(struct ev_socket *to, struct sock *sk)
{
	return to->kind.type == SOCK_RAW ? 0 : bpf_ntohs(peek((struct inet_sock *)sk, inet_sport));
}

static __always_inline __u16 inet_remote_port(struct sock *sk)
{
	return bpf_ntohs(peek(sk, __sk_common.skc_dport));
}

static __always_inline void inet_fill(struct ev_socket *to, struct sock *sk)
{
	__u64 addresses = peek(sk, __sk_common.skc_addrpair);
	__u32 local = addresses >> 32, remote = addresses;

	to->local.port = inet_local_port(to, sk);
	if (local || to->local.port) {
		to->local.family = AF_INET;
		*(__u32 *)to->local.bytes = local;
	}
	to->remote.port = inet_remote_port(sk);
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

static __always_inline void inet6_fill(struct ev_socket *to, struct sock *sk)
{
	__u64 *local = (__u64 *)to->local.bytes;

	to->local.port = inet_local_port(to, sk);
	BPF_CORE_READ_INTO(&to->local.bytes, sk, __sk_common.skc_v6_rcv_saddr);
	if (local[0] || local[1] || to->local.port)
		inet6_end_fill(&to->local, to->interface);
	to->remote.port = inet_remote_port(sk);
	if (!to->remote.port)
		return;
	BPF_CORE_READ_INTO(&to->remote.bytes, sk, __sk_common.skc_v6_daddr);
	inet6_end_fill(&to->remote, to->interface);
}

static __always_inline void unix_end_fill(struct record_slot *slot, struct ev_address *to,
					  struct sock *sk)
{
	struct unix_address *address = peek((struct unix_sock *)sk, addr);

	to->family = AF_UNIX;
	if (address)
		unix_name_fill(slot, &to->name,
			       (const char *)__builtin_preserve_access_index(&address->name[0]) +
				       UNIX_PATH_OFFSET,
			       peek(address, len) - UNIX_PATH_OFFSET);
}

static __always_inline void unix_fill(struct record_slot *slot, struct ev_socket *to,
				      struct sock *sk)
{
	struct sock *peer = peek((struct unix_sock *)sk, peer);
	struct cred *cred;

	unix_end_fill(slot, &to->local, sk);
	if (peer)
		unix_end_fill(slot, &to->remote, peer);
	if (to->state != STATE_ESTABLISHED) /* a listener has itself there */
		return;
	to->peer_pid = BPF_CORE_READ(sk, sk_peer_pid, numbers[0].nr);
	cred = (struct cred *)peek(sk, sk_peer_cred);
	to->peer_uid = peek(cred, euid.val);
	to->peer_gid = peek(cred, egid.val);
}

static __always_inline void netlink_fill(struct ev_socket *to, struct netlink_sock *nlk)
{
	to->local.family = AF_NETLINK;
	*(__u32 *)to->local.bytes = peek(nlk, portid);
	if (!peek(nlk, state)) /* NETLINK_CONNECTED (net/netlink/af_netlink.c) */
		return;
	to->remote.family = AF_NETLINK;
	*(__u32 *)to->remote.bytes = peek(nlk, dst_portid);
}

/* See socket_append(); slot->from: the socket. */
__noinline int socket_read(struct record_slot *slot, __u32 at)
{
	struct ev_socket *to;
	struct sock *sk;

	if (!slot || !slot->from)
		return 0;
	sk = peek((struct socket *)slot->from, sk);
	if (!sk)
		return 0;
	to = (struct ev_socket *)&slot->record[at & (TAIL_LIMIT - 1)];
	to->kind.family = peek(sk, __sk_common.skc_family);
	to->kind.type = peek(sk, sk_type);
	to->kind.protocol = peek(sk, sk_protocol);
	to->state = peek(sk, __sk_common.skc_state);
	to->interface = peek(sk, __sk_common.skc_bound_dev_if);
	switch (to->kind.family) {
	case AF_INET:
		inet_fill(to, sk);
		break;
	case AF_INET6:
		inet6_fill(to, sk);
		break;
	case AF_UNIX:
		unix_fill(slot, to, sk);
		break;
	case AF_NETLINK:
		netlink_fill(to, (struct netlink_sock *)sk);
		break;
	case AF_PACKET:
		to->local.family = AF_PACKET;
		to->local.port = bpf_ntohs(peek((struct packet_sock *)sk, num));
		to->local.scope = peek((struct packet_sock *)sk, ifindex);
		break;
	default:
		break;
	}
	return 1;
}

/* `at`: where the struct ev_socket lies in the record, which is zero. False when there is no socket. */
static __always_inline bool socket_append(struct record_slot *slot, __u32 at, struct socket *socket)
{
	slot->from = (__u64)socket;
	return socket_read(slot, at);
}
