// SPDX-License-Identifier: Apache-2.0
//
//   open     4242  alice  cat  /etc/hostname O_RDONLY|O_CLOEXEC → 3
//   open     4242  alice  cat  EACCES /etc/shadow O_RDONLY
//   rename   4243  root  mv  /tmp/a → /tmp/b
#include "syscalls/files_text.h"

#include <array>
#include <string_view>

#include "event/flags.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {
namespace {

// What was found, else what was given.
void put_path(std::string_view found, std::string_view given, TextLine& line) {
  line.word(found.empty() ? given : found, Ink::strong);
}

void put_open(const ev_file_call& call, TextLine& line) {
  std::array<char, k_flags_max> flags;
  char* const end = write_open_flags(flags.data(), call.arg_flags);
  line.plain(" ");
  line.plain({flags.data(), static_cast<std::size_t>(end - flags.data())}, Ink::dim);
  if ((call.call.header.present & EV_FILE_HAS_FD) != 0) {
    line.plain(" → ");
    line.number(std::int64_t{call.call.result});
  }
  if ((call.call.flags & EV_CALL_CREATED) != 0) line.mark("created", Ink::yellow);
}

}  // namespace

void file_text(const EventView& event, TextLine& line) {
  const auto call = event.fixed<ev_file_call>();
  const std::string_view given = event.string(call.name);
  const std::string_view to_given = event.string(call.to_name);
  const bool symlink = event.desc().type == EV_SYMLINK;

  line.user(call.call.euid);
  line.plain("  ");
  line.word(comm_bytes(call.call.header.comm));
  line.plain("  ");
  if (call.call.error != 0) {
    line.error(call.call.error);
    line.plain(" ");
  }
  if (symlink) {
    put_path(event.path(call.to_path), to_given, line);
    line.plain(" says ");
    line.word(given);
  } else {
    put_path(event.path(call.path), given, line);
    if (!to_given.empty()) {
      line.plain(" → ");
      put_path(event.path(call.to_path), to_given, line);
    }
  }
  if (event.desc().type == EV_OPEN) put_open(call, line);
  if ((call.call.flags & EV_CALL_IO_URING) != 0) line.mark("io_uring");
  if ((call.call.flags & EV_CALL_COMPAT) != 0) line.mark("32-bit");
  if ((call.call.flags & EV_CALL_TAIL_FULL) != 0) line.mark("incomplete");
}

}  // namespace gancho::syscalls
