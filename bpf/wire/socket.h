/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What several rooms say about a socket. */
#ifndef GANCHO_WIRE_SOCKET_H
#define GANCHO_WIRE_SOCKET_H

#include "event.h"

#define EV_UNIX_NAME_MAX 108 /* sizeof(sockaddr_un.sun_path) */

/*
 * One end. What counts follows from the family:
 *   AF_INET, AF_INET6  bytes (IPv4 in the first four), port; scope: interface of a link-local address
 *   AF_UNIX            name: a path, or a NUL and any bytes; absent when it has none
 *   AF_NETLINK         bytes: port id, in the machine's order; scope: mask of groups
 *   AF_PACKET          port: ETH_P_*; scope: interface
 *   AF_VSOCK           bytes: context id, port, each in the machine's order
 */
struct ev_address {
	__u8 bytes[16];
	__u32 scope;
	__u16 family; /* AF_UNSPEC: there is none */
	__u16 port;   /* in the machine's order */
	struct ev_string name;
};

/* What socket(2) takes. */
struct ev_socket_kind {
	__u32 family;
	__u32 type; /* SOCK_*, with SOCK_CLOEXEC and SOCK_NONBLOCK where a caller gave them */
	__u32 protocol;
};

#define EV_SOCKET_SERVER (1u << 0) /* it waits for others, or one of them has come */

/*
 * A socket as it was at the operation. An IPv4-mapped address (::ffff:1.2.3.4) is AF_INET in local and
 * remote, since the packets are; kind.family tells what the socket is. Ids of the process at the other
 * end of a Unix socket as the initial namespaces see them, at its connect(), listen() or socketpair().
 */
struct ev_socket {
	struct ev_address local;
	struct ev_address remote;
	struct ev_socket_kind kind;
	__u32 state;	 /* TCP_*; Unix sockets use the same numbers */
	__u32 flags;	 /* EV_SOCKET_* */
	__u32 interface; /* index, when it is bound to one; else 0 */
	__u32 peer_pid;
	__u32 peer_uid;
	__u32 peer_gid;
	__u32 pad;
};

#endif
