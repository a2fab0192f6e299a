// SPDX-License-Identifier: Apache-2.0
//
// Operations on sockets: events, fields, and where they come from. For syscalls.cpp only.
#pragma once

#include <array>
#include <cstdint>

#include "event/room.h"
#include "syscalls/call_fields.h"
#include "syscalls/room_parts.h"
#include "syscalls/socket_fields.h"
#include "syscalls/sockets_text.h"

namespace gancho::syscalls::sockets {

using enum FieldType;

// Field groups of ev_header::present, as bit numbers.
constexpr std::uint8_t k_socket = 0;
constexpr std::uint8_t k_fd = 1;
constexpr std::uint8_t k_new_fd = 2;
constexpr std::uint8_t k_pair = 3;
constexpr std::uint8_t k_peer = 4;
constexpr std::uint8_t k_address = 5;
static_assert(EV_SOCKET_HAS_SOCKET == 1ULL << k_socket && EV_SOCKET_HAS_FD == 1ULL << k_fd &&
              EV_SOCKET_HAS_NEW_FD == 1ULL << k_new_fd && EV_SOCKET_HAS_PAIR == 1ULL << k_pair &&
              EV_SOCKET_HAS_PEER == 1ULL << k_peer && EV_SOCKET_HAS_ADDRESS == 1ULL << k_address);

#define AT(member) offsetof(ev_socket_call, member)

constexpr SocketAt k_at{.offset = AT(socket), .present = k_socket};

constexpr auto k_new_fd_field = std::to_array<FieldDesc>({
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_new_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
});

constexpr auto k_fd_field = std::to_array<FieldDesc>({
    {.name = "fd.num",
     .type = i32,
     .offset = AT(fd),
     .present = k_fd,
     .cost = Cost::free,
     .meaning = "descriptor of the socket; absent for a registered file of an io_uring"},
});

// What kind of socket it is.
constexpr auto k_type_fields = std::to_array<FieldDesc>({
    {.name = "fd.type",
     .type = word,
     .offset = AT(socket),
     .present = k_socket,
     .meaning = "ipv4, ipv6, unix, netlink, packet, vsock or unknown; ipv4 also for a socket of "
                "IPv6 that uses an address of IPv4",
     .word = socket_type_word},
    {.name = "fd.typechar",
     .type = word,
     .offset = AT(socket),
     .present = k_socket,
     .meaning = "the same as one letter: 4, 6, u, n or o",
     .word = socket_type_letter},
    {.name = "fd.sockfamily",
     .type = word,
     .offset = AT(socket),
     .present = k_socket,
     .meaning = "ip or unix; absent for others",
     .word = socket_family_word},
});

constexpr auto k_kind_fields = join(k_type_fields, socket_kind_fields(k_at));

constexpr auto k_asked_kind_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.domain",
     .type = named,
     .offset = AT(kind.family),
     .cost = Cost::free,
     .meaning = "address family asked for",
     .names = k_socket_families},
    {.name = "evt.arg.type",
     .type = sock_type,
     .offset = AT(kind.type),
     .cost = Cost::free,
     .meaning = "type asked for, with its flags"},
    {.name = "evt.arg.proto",
     .type = sock_proto,
     .offset = AT(kind),
     .cost = Cost::free,
     .meaning = "protocol asked for; ip or 0: the kernel chooses"},
});

constexpr auto k_pair_fields = std::to_array<FieldDesc>({
    {.name = "fd.num",
     .type = i32,
     .offset = AT(fd),
     .present = k_pair,
     .phase = Phase::after,
     .meaning = "first descriptor that the process got; absent when another thread took it away"},
    {.name = "evt.arg.fd2",
     .type = i32,
     .offset = AT(pair_fd),
     .present = k_pair,
     .phase = Phase::after,
     .meaning = "second descriptor"},
});

constexpr auto k_asked_address_field = std::to_array<FieldDesc>({
    {.name = "evt.arg.addr",
     .type = endpoint,
     .offset = AT(address),
     .present = k_address,
     .meaning = "address asked for, from the kernel's own copy, or the caller's memory where there "
                "is none (evt.arg.user_memory): 192.0.2.1:80, [::1]:80, a path, "
                "@ and an abstract name"},
});

// Own end, and what it is called.
constexpr auto k_own_fields = std::to_array<FieldDesc>({
    {.name = "fd.name",
     .type = connection,
     .offset = AT(socket),
     .present = k_socket,
     .phase = Phase::after,
     .meaning = "both ends, the client's first: 127.0.0.1:34567->192.0.2.1:80; one end when there "
                "is no other; the name of a Unix socket"},
    {.name = "fd.is_server",
     .type = flag,
     .offset = AT(socket.flags),
     .mask = EV_SOCKET_SERVER,
     .present = k_socket,
     .cost = Cost::free,
     .meaning = "the process is the one that is connected to"},
    {.name = "fd.interface",
     .type = u32,
     .offset = AT(socket.interface),
     .present = k_socket,
     .meaning = "index of the network interface that the socket is bound to; 0: none"},
});

constexpr auto k_local_fields = join(k_own_fields, socket_local_fields(k_at));
constexpr auto k_remote_fields = socket_remote_fields(k_at);

constexpr auto k_peer_fields = std::to_array<FieldDesc>({
    {.name = "fd.peer.pid",
     .type = u32,
     .offset = AT(socket.peer_pid),
     .present = k_peer,
     .phase = Phase::after,
     .meaning =
         "process at the other end of a Unix socket, in the initial namespace: who connected, "
         "or who listens"},
    {.name = "fd.peer.uid",
     .type = uid,
     .offset = AT(socket.peer_uid),
     .present = k_peer,
     .phase = Phase::after,
     .meaning = "its effective user id at that time",
     .joined = "fd.peer.user"},
    {.name = "fd.peer.gid",
     .type = gid,
     .offset = AT(socket.peer_gid),
     .present = k_peer,
     .phase = Phase::after,
     .meaning = "its effective group id at that time",
     .joined = "fd.peer.group"},
});

// Falco's view: by who serves, not by whose end it is.
constexpr std::array<FieldDesc, 2> end_fields(std::string_view ip_name, std::string_view port_name,
                                              std::uint16_t offset, std::string_view ip_meaning,
                                              std::string_view port_meaning) {
  return {FieldDesc{.name = ip_name,
                    .type = ip_address,
                    .offset = offset,
                    .present = k_socket,
                    .meaning = ip_meaning},
          FieldDesc{.name = port_name,
                    .type = port,
                    .offset = offset,
                    .present = k_socket,
                    .meaning = port_meaning}};
}
constexpr auto k_server_is_local = end_fields("fd.sip", "fd.sport", AT(socket.local),
                                              "address of the server", "port of the server");
constexpr auto k_server_is_remote = end_fields("fd.sip", "fd.sport", AT(socket.remote),
                                               "address of the server", "port of the server");
constexpr auto k_client_is_local = end_fields("fd.cip", "fd.cport", AT(socket.local),
                                              "address of the client", "port of the client");
constexpr auto k_client_is_remote = end_fields("fd.cip", "fd.cport", AT(socket.remote),
                                               "address of the client", "port of the client");

constexpr auto k_listen_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.backlog",
     .type = i32,
     .offset = AT(backlog),
     .cost = Cost::free,
     .meaning = "connections asked to be kept waiting; the kernel may keep fewer"},
});

constexpr auto k_accept_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.fd",
     .type = i32,
     .offset = AT(fd),
     .present = k_fd,
     .cost = Cost::free,
     .meaning = "descriptor of the socket that listens"},
    {.name = "evt.arg.flags",
     .type = sock_type,
     .offset = AT(kind.type),
     .cost = Cost::free,
     .meaning = "flags for the new descriptor"},
});
#undef AT

constexpr auto k_socket_fields =
    join(k_call_fields, k_new_fd_field, k_asked_kind_fields, k_kind_fields);
constexpr auto k_socketpair_fields =
    join(k_call_fields, k_pair_fields, k_asked_kind_fields, k_kind_fields, k_peer_fields);
constexpr auto k_bind_fields = join(k_call_fields, k_fd_field, k_asked_address_field, k_kind_fields,
                                    k_local_fields, k_server_is_local);
constexpr auto k_listen_fields = join(k_call_fields, k_fd_field, k_listen_own_fields, k_kind_fields,
                                      k_local_fields, k_server_is_local);
constexpr auto k_connect_fields =
    join(k_call_fields, k_fd_field, k_asked_address_field, k_kind_fields, k_local_fields,
         k_remote_fields, k_client_is_local, k_server_is_remote, k_peer_fields);
constexpr auto k_accept_fields =
    join(k_call_fields, k_new_fd_field, k_accept_own_fields, k_kind_fields, k_local_fields,
         k_remote_fields, k_client_is_remote, k_server_is_local, k_peer_fields);

constexpr EventDesc event(ev_type type, std::string_view name, std::string_view meaning,
                          std::span<const FieldDesc> fields) {
  return call_event<ev_socket_call>(type, name, "network", meaning, fields, socket_text);
}

constexpr auto k_events = std::to_array<EventDesc>({
    event(EV_SOCKET, "socket", "a socket was made", k_socket_fields),
    event(EV_SOCKETPAIR, "socketpair", "two connected sockets were made", k_socketpair_fields),
    event(EV_BIND, "bind", "a socket was given an address", k_bind_fields),
    event(EV_LISTEN, "listen", "a socket waits for connections", k_listen_fields),
    event(EV_CONNECT, "connect",
          "a connection was made, begun or refused: by connect(2), or with the first data "
          "(MSG_FASTOPEN)",
          k_connect_fields),
    event(EV_ACCEPT, "accept", "a connection was accepted", k_accept_fields),
});

constexpr Programs<3> k_socket_programs{
    "fentry____sys_socket", "fentry__security_socket_post_create", "fexit____sys_socket"};
constexpr Programs<2> k_socket_helpful{"fentry__io_socket", "fexit__io_socket"};
constexpr Programs<2> k_connect_programs{"fexit____sys_connect_file", "fexit____sys_connect"};
constexpr Programs<3> k_connect_helpful{"fexit__tcp_sendmsg_fastopen", "fentry__io_connect",
                                        "fexit__io_connect"};
constexpr Programs<2> k_accept_programs{"fexit__do_accept", "fexit____sys_accept4"};
constexpr Programs<2> k_accept_helpful{"fentry__io_accept", "fexit__io_accept"};
constexpr Programs<4> k_socketpair_programs{
    "probe____sys_socketpair", "probe__security_socket_socketpair", "retprobe__unix_socketpair",
    "retprobe____sys_socketpair"};
// What became of the socket, each family says by a function of its own; a ring by one for all.
constexpr Programs<4> k_bind_programs{"probe____sys_bind", "probe__security_socket_bind",
                                      "retprobe__inet_bind", "retprobe____sys_bind"};
constexpr Programs<6> k_bind_helpful{"retprobe__inet6_bind",   "retprobe__unix_bind",
                                     "retprobe__netlink_bind", "retprobe__packet_bind",
                                     "probe__io_bind",         "retprobe____sys_bind_socket"};
constexpr Programs<4> k_listen_programs{"probe____sys_listen", "probe__security_socket_listen",
                                        "retprobe__inet_listen", "retprobe____sys_listen"};
constexpr Programs<3> k_listen_helpful{"retprobe__unix_listen", "probe__io_listen",
                                       "retprobe____sys_listen_socket"};

// By tracepoints.
constexpr std::string_view k_bare_descriptor =
    "the socket is the one that the descriptor stands for when the call is over; of an io_uring it "
    "is "
    "not seen what is to say nothing of its success; every system call of the "
    "machine takes longer";
constexpr std::string_view k_bare_address =
    "the address asked for is read from memory that the caller can change, the socket is the one "
    "that the descriptor stands for before and afterwards; of an io_uring it is not seen what is "
    "to "
    "say nothing of its success; every system call of the machine takes "
    "longer";
constexpr std::string_view k_bare_pair =
    "which descriptors they got is read from memory that the caller can change, and believed when "
    "they are Unix sockets and each other's end; every system call of the machine takes longer";

constexpr auto k_signals = std::to_array<SignalDesc>({
    trampoline_signal<k_socket_programs, k_socket_helpful, k_bare_descriptor, k_bare_programs,
                      k_bare_rings>("socket", "sockets that are made", EV_SOCKET),
    probe_signal<k_socketpair_programs, k_none, k_bare_pair>("socketpair", "pairs of sockets",
                                                             EV_SOCKETPAIR),
    probe_signal<k_bind_programs, k_bind_helpful, k_bare_address, k_bare_programs, k_bare_rings>(
        "bind", "addresses that sockets are given", EV_BIND),
    probe_signal<k_listen_programs, k_listen_helpful, k_bare_descriptor, k_bare_programs,
                 k_bare_rings>("listen", "sockets that wait for connections", EV_LISTEN),
    trampoline_signal<k_connect_programs, k_connect_helpful, k_bare_address, k_bare_programs,
                      k_bare_rings>("connect", "connections that are made", EV_CONNECT),
    trampoline_signal<k_accept_programs, k_accept_helpful, k_bare_descriptor, k_bare_programs,
                      k_bare_rings>("accept", "connections that are accepted", EV_ACCEPT),
});

constexpr std::uint8_t k_by_ring = entry::calls | entry::io_uring;
constexpr std::string_view k_accept_missed =
    "attempts that fail before the socket is known, but for EBADF, EFAULT, EINVAL, EMFILE, ENFILE; "
    "sockets of the kernel's own; descriptors of a multishot accept, which only the caller is told";

constexpr std::string_view k_connect_missed =
    "attempts that fail before the socket is known, but for EBADF, EFAULT, EINVAL, EMFILE, ENFILE; "
    "sockets of the kernel's own; sendto and sendmsg of a socket that is not connected (UDP); the "
    "descriptor of a ring's request that had to wait";

constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_SOCKET,
     .entries = k_by_ring,
     .calls = "socket, socketcall",
     .refusable = "security_socket_post_create",
     .source = "what was asked for: the kernel's copy; the socket: the kernel's own object",
     .missed = "sockets of the kernel's own"},
    {.event = EV_SOCKETPAIR,
     .entries = entry::calls,
     .calls = "socketpair, socketcall",
     .refusable = "security_socket_socketpair",
     .source = "the sockets: the kernel's own objects; descriptors: the caller's memory, believed "
               "when the sockets are behind them"},
    {.event = EV_BIND,
     .entries = k_by_ring,
     .calls = "bind, socketcall",
     .refusable = "security_socket_bind",
     .source = "the address: the kernel's copy; the socket: the kernel's own object, read again "
               "when it has been done",
     .missed = "the own end of other than IP, Unix, netlink and packet sockets: only the address "
               "asked for"},
    {.event = EV_LISTEN,
     .entries = k_by_ring,
     .calls = "listen, socketcall",
     .refusable = "security_socket_listen",
     .source = "the socket: the kernel's own object, read again when it has been done"},
    {.event = EV_CONNECT,
     .entries = k_by_ring,
     .calls = "connect, socketcall; sendto, sendmsg, sendmmsg with MSG_FASTOPEN",
     .source = "the address: the kernel's copy; the socket: the kernel's own object, when the "
               "attempt is over",
     .missed = k_connect_missed},
    {.event = EV_ACCEPT,
     .entries = k_by_ring,
     .calls = "accept, accept4, socketcall",
     .source = "the new socket: the kernel's own object",
     .missed = k_accept_missed},
});

// io_uring has them since Linux 6.11.
constexpr auto k_absent = std::to_array<AbsentProgram>({
    {"probe__io_bind", TestedKernel::debian_6_1},
    {"retprobe____sys_bind_socket", TestedKernel::debian_6_1},
    {"probe__io_listen", TestedKernel::debian_6_1},
    {"retprobe____sys_listen_socket", TestedKernel::debian_6_1},
});

}  // namespace gancho::syscalls::sockets
