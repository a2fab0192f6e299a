// SPDX-License-Identifier: Apache-2.0
//
//   read     4242  alice  cat  /etc/shadow 131072 at 0 → 1024
//   write    4242  root  sh  ENOSPC /var/log/x 10 at 4096 [inherited]
//   write    4243  root  sh  tcp 10.0.0.1:80 - 10.0.0.7:40000 5 → 5 [received]
#include "syscalls/io_text.h"

#include <string_view>

#include "event/socket_names.h"
#include "syscalls/call_text.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {
namespace {

void put_file(const EventView& event, const ev_io_call& call, TextLine& line) {
  if ((call.call.header.present & EV_IO_HAS_SOCKET) == 0)
    return line.word(event.path(call.path), Ink::strong);
  const auto* at = reinterpret_cast<const std::byte*>(&call.socket);
  const std::string_view protocol = socket_l4_protocol(at);
  line.plain(protocol.empty() ? socket_type_word(at) : protocol);
  if (call.socket.kind.family == AF_UNIX) {
    const ev_string name = unix_name(call.socket);
    if (name.offset == 0) return;
    line.plain(" ");
    return line.unix_name(event.string(name));
  }
  if (call.socket.local.family == AF_UNSPEC) return;
  line.plain(" ");
  line.endpoint(call.socket.local);
  if (call.socket.remote.family == AF_UNSPEC) return;
  line.plain(" - ");
  line.endpoint(call.socket.remote);
}

}  // namespace

void io_text(const EventView& event, TextLine& line) {
  const auto call = event.fixed<ev_io_call>();
  const std::uint64_t present = call.call.header.present;

  begin_call(call.call, line);
  put_file(event, call, line);
  if ((present & EV_IO_HAS_SIZE) != 0) {
    line.plain(" ");
    line.number(std::uint64_t{call.size});
  }
  if ((present & EV_IO_HAS_OFFSET) != 0) {
    line.plain(" at ");
    line.number(std::uint64_t{call.offset});
  }
  if ((present & EV_IO_HAS_RESULT) != 0) {
    line.plain(" → ");
    line.number(std::int64_t{call.call.result});
  }
  if ((present & EV_IO_HAS_ORIGIN) != 0)
    line.mark(call.origin == EV_ORIGIN_INHERITED ? "inherited" : "received", Ink::yellow);
  if ((call.call.flags & EV_CALL_ASYNC) != 0) line.mark("under way");
  end_call(call.call, line);
}

}  // namespace gancho::syscalls
