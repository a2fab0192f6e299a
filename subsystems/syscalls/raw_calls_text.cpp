// SPDX-License-Identifier: Apache-2.0
//
//   syscall  4242  alice  hostname  EPERM sethostname 0x55d0c1a2b2a0 0x3 0 0x7f1c0 0x1 0 12.3us
//   syscall  4243  alice  sleep  clock_nanosleep 0 0 0x7ffd1a20 0 0 0 → 0 1s
#include "syscalls/raw_calls_text.h"

#include "event/values.h"
#include "syscalls/call_text.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {

void raw_call_text(const EventView& event, TextLine& line) {
  const auto record = event.fixed<ev_raw_call>();
  const ev_call& call = record.call;
  const bool returned = (call.header.present & EV_RAW_HAS_RETURNED) != 0;
  begin_call(call, line);
  line.syscall(syscall_id(call.table, call.syscall), Ink::strong);
  for (const std::uint64_t argument : record.args) {
    line.plain(" ");
    line.hex(argument);
  }
  if (returned) {
    if (call.error == 0) {
      line.plain(" → ");
      line.number(std::int64_t{call.result});
    }
    line.plain(" ");
    line.duration(record.latency);
  }
  end_call(call, line);
}

}  // namespace gancho::syscalls
