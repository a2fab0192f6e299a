// SPDX-License-Identifier: Apache-2.0
//
// Fields of a struct ev_socket, wherever in a record of the room it lies. For the room's tables
// only.
#pragma once

#include <array>
#include <cstdint>

#include "event/room.h"
#include "event/socket_names.h"

namespace gancho::syscalls {

// Where it lies, and the bit of ev_header::present that says that it was read.
struct SocketAt {
  std::uint16_t offset;
  std::uint8_t present;
};

#define IN_SOCKET(member) static_cast<std::uint16_t>(at.offset + offsetof(ev_socket, member))

// What kind of socket it is.
constexpr auto socket_kind_fields(SocketAt at) {
  using enum FieldType;
  return std::to_array<FieldDesc>({
      {.name = "fd.l4proto",
       .type = word,
       .offset = at.offset,
       .present = at.present,
       .meaning = "a socket: tcp, udp, icmp, raw ...: what the network sees; absent without IP",
       .word = socket_l4_protocol},
      {.name = "fd.socket.family",
       .type = named,
       .offset = IN_SOCKET(kind.family),
       .present = at.present,
       .meaning = "a socket: its address family",
       .names = k_socket_families},
      {.name = "fd.socket.type",
       .type = sock_type,
       .offset = IN_SOCKET(kind.type),
       .present = at.present,
       .meaning = "a socket: its type"},
      {.name = "fd.socket.protocol",
       .type = sock_proto,
       .offset = IN_SOCKET(kind),
       .present = at.present,
       .meaning = "a socket: its protocol, the one that the kernel chose where none was asked for"},
      {.name = "fd.socket.state",
       .type = word,
       .offset = at.offset,
       .present = at.present,
       .phase = Phase::after,
       .meaning = "state of a socket of IP or of a Unix socket, in TCP's terms",
       .word = socket_state_word},
  });
}

constexpr auto socket_local_fields(SocketAt at) {
  using enum FieldType;
  return std::to_array<FieldDesc>({
      {.name = "fd.lip",
       .type = ip_address,
       .offset = IN_SOCKET(local),
       .present = at.present,
       .phase = Phase::after,
       .meaning = "a socket: its own address; that of IPv4 when it is an IPv4-mapped one"},
      {.name = "fd.lport",
       .type = port,
       .offset = IN_SOCKET(local),
       .present = at.present,
       .phase = Phase::after,
       .meaning = "a socket: its own port"},
      {.name = "fd.unix.local",
       .type = string,
       .offset = IN_SOCKET(local.name),
       .present = at.present,
       .phase = Phase::after,
       .meaning = "name that the Unix socket is bound to; an abstract one begins with NUL"},
  });
}

constexpr auto socket_remote_fields(SocketAt at) {
  using enum FieldType;
  return std::to_array<FieldDesc>({
      {.name = "fd.rip",
       .type = ip_address,
       .offset = IN_SOCKET(remote),
       .present = at.present,
       .meaning =
           "a socket: address of the other end, also of an attempt that failed; that of IPv4 "
           "when it is an IPv4-mapped one"},
      {.name = "fd.rport",
       .type = port,
       .offset = IN_SOCKET(remote),
       .present = at.present,
       .meaning = "a socket: port of the other end"},
      {.name = "fd.unix.remote",
       .type = string,
       .offset = IN_SOCKET(remote.name),
       .present = at.present,
       .meaning = "name that the other end's Unix socket is bound to; an abstract one begins with "
                  "NUL"},
  });
}

#undef IN_SOCKET

}  // namespace gancho::syscalls
