// SPDX-License-Identifier: Apache-2.0
//
// What the lines of all calls have in common: who and, when it failed, why in front; marks behind.
#pragma once

#include "event/text.h"
#include "event/values.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {

inline void begin_call(const ev_call& call, TextLine& line) {
  line.user(call.euid);
  line.plain("  ");
  line.word(comm_bytes(call.header.comm));
  line.plain("  ");
  if (call.error != 0) {
    line.error(call.error);
    line.plain(" ");
  }
}

inline void end_call(const ev_call& call, TextLine& line) {
  line.container();
  if ((call.flags & EV_CALL_IO_URING) != 0) line.mark("io_uring");
  if ((call.flags & EV_CALL_COMPAT) != 0) line.mark("32-bit");
  if ((call.flags & EV_CALL_TAIL_FULL) != 0) line.mark("incomplete");
}

}  // namespace gancho::syscalls
