// SPDX-License-Identifier: Apache-2.0
//
//   socket      4242  alice  curl  AF_INET SOCK_STREAM|SOCK_CLOEXEC tcp → 5
//   connect     4242  alice  curl  tcp 10.0.0.2:51234 → 192.0.2.1:443
//   connect     4242  alice  curl  ECONNREFUSED tcp 0.0.0.0:0 → 192.0.2.1:443
//   connect     4243  alice  psql  unix /run/postgresql/.s.PGSQL.5432 (postgres 700)
//   bind        4244  root  nginx  tcp 0.0.0.0:80
//   listen      4244  root  nginx  tcp 0.0.0.0:80 backlog 511
//   accept      4245  www-data  nginx  tcp 10.0.0.1:80 ← 10.0.0.7:40000 → 12
#include "syscalls/sockets_text.h"

#include <sys/socket.h>

#include <array>
#include <string_view>

#include "event/address.h"
#include "event/socket_names.h"
#include "syscalls/call_text.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {
namespace {

using Form = std::array<char, k_socket_name_max>;

void put(const Form& form, const char* end, TextLine& line) {
  line.plain({form.data(), static_cast<std::size_t>(end - form.data())});
}

void put_asked_kind(const ev_socket_kind& kind, TextLine& line) {
  line.named(k_socket_families, kind.family);
  line.plain(" ");
  Form form;
  put(form, write_socket_type(form.data(), kind.type), line);
  line.plain(" ");
  put(form, write_socket_protocol(form.data(), kind.family, kind.protocol), line);
}

// "tcp", "unix", "netlink"
void put_kind(const ev_socket& socket, TextLine& line) {
  const auto* at = reinterpret_cast<const std::byte*>(&socket);
  const std::string_view protocol = socket_l4_protocol(at);
  line.plain(protocol.empty() ? socket_type_word(at) : protocol);
}

void put_end(const EventView& event, const ev_address& end, TextLine& line) {
  if (end.family == AF_UNIX && end.name.offset == 0)
    line.plain("unnamed");
  else if (end.family == AF_UNIX)
    line.unix_name(event.string(end.name));
  else if (end.family == AF_UNSPEC)
    line.plain("-");
  else
    line.endpoint(end);
}

void put_ends(const EventView& event, const ev_socket& socket, std::string_view arrow,
              TextLine& line) {
  if (socket.kind.family == AF_UNIX) {
    const ev_string name = unix_name(socket);
    if (name.offset == 0)
      line.plain("unnamed");
    else
      line.unix_name(event.string(name));
    return;
  }
  put_end(event, socket.local, line);
  if (arrow.empty()) return;
  line.plain(arrow);
  put_end(event, socket.remote, line);
}

void put_peer(const ev_socket_call& call, TextLine& line) {
  if ((call.call.header.present & EV_SOCKET_HAS_PEER) == 0) return;
  line.plain(" (");
  line.user(call.socket.peer_uid);
  line.plain(" ");
  line.number(std::uint64_t{call.socket.peer_pid});
  line.plain(")");
}

void put_descriptors(const ev_socket_call& call, TextLine& line) {
  if ((call.call.header.present & EV_SOCKET_HAS_NEW_FD) != 0) {
    line.plain(" → ");
    line.number(std::int64_t{call.call.result});
  }
  if ((call.call.header.present & EV_SOCKET_HAS_PAIR) != 0) {
    line.plain(" → ");
    line.number(std::int64_t{call.fd});
    line.plain(" ");
    line.number(std::int64_t{call.pair_fd});
  }
}

void put_operation(const EventView& event, const ev_socket_call& call, TextLine& line) {
  switch (event.desc().type) {
    case EV_SOCKET:
    case EV_SOCKETPAIR:
      return put_asked_kind(call.kind, line);
    default:
      break;
  }
  if ((call.call.header.present & EV_SOCKET_HAS_SOCKET) == 0) {
    line.plain("fd ");
    return line.number(std::int64_t{call.fd});
  }
  put_kind(call.socket, line);
  line.plain(" ");
  switch (event.desc().type) {
    case EV_BIND:
      // What became of it, else what was asked for.
      return put_end(event, call.call.error == 0 ? call.socket.local : call.address, line);
    case EV_LISTEN:
      put_ends(event, call.socket, "", line);
      line.plain(" backlog ");
      return line.number(std::int64_t{call.backlog});
    case EV_CONNECT:
      put_ends(event, call.socket, " → ", line);
      return put_peer(call, line);
    default:
      put_ends(event, call.socket, call.call.error == 0 ? " ← " : "", line);
      return put_peer(call, line);
  }
}

}  // namespace

void socket_text(const EventView& event, TextLine& line) {
  const auto call = event.fixed<ev_socket_call>();

  begin_call(call.call, line);
  put_operation(event, call, line);
  put_descriptors(call, line);
  end_call(call.call, line);
}

}  // namespace gancho::syscalls
