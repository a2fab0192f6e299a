// SPDX-License-Identifier: Apache-2.0
//
// Any system call that is asked for by its name: its event, fields and signal.
#pragma once

#include <array>
#include <bit>
#include <cstddef>

#include "syscalls/call_fields.h"
#include "syscalls/raw_calls_text.h"
#include "syscalls/room_parts.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls::raw_calls {

inline constexpr std::uint8_t k_returned = std::countr_zero(EV_RAW_HAS_RETURNED);

constexpr FieldDesc argument(std::string_view name, std::size_t number, std::string_view meaning) {
  return {
      .name = name,
      .type = FieldType::u64,
      .offset = static_cast<std::uint16_t>(offsetof(ev_raw_call, args) + number * sizeof(__u64)),
      .cost = Cost::free,
      .meaning = meaning};
}

constexpr std::string_view k_other_argument =
    "as evt.arg.0; beyond what the call takes: what the register held";

inline constexpr auto k_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.rawres",
     .type = FieldType::i64,
     .offset = offsetof(ev_call, result),
     .present = k_returned,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "what the call returned: a negative errno when it failed, -512 to -516 when it was "
                "interrupted; absent of one that never returns"},
    {.name = "evt.latency",
     .type = FieldType::duration,
     .offset = offsetof(ev_raw_call, latency),
     .present = k_returned,
     .phase = Phase::after,
     .cost = Cost::free,
     .unit = "ns",
     .meaning = "from its entry to its return"},
    argument("evt.arg.0", 0, "first argument, as the caller's register held it at the entry"),
    argument("evt.arg.1", 1, k_other_argument),
    argument("evt.arg.2", 2, k_other_argument),
    argument("evt.arg.3", 3, k_other_argument),
    argument("evt.arg.4", 4, k_other_argument),
    argument("evt.arg.5", 5, k_other_argument),
});

// No ring and no name is in it.
constexpr auto without_rings() {
  std::array<FieldDesc, k_call_fields.size() - 2> fields{};
  std::size_t at = 0;
  for (const FieldDesc& field : k_call_fields)
    if (field.mask != EV_CALL_IO_URING && field.mask != EV_CALL_USER_MEMORY) fields[at++] = field;
  return fields;
}

inline constexpr auto k_fields = join(without_rings(), k_own_fields);

constexpr EventDesc event() {
  EventDesc event = call_event<ev_raw_call>(
      EV_SYSCALL, "syscall", "",
      "a system call that was asked for by its name (syscall:mount) returned", k_fields,
      raw_call_text);
  event.by_call = true;
  return event;
}
inline constexpr std::array k_events{event()};

inline constexpr Programs<2> k_hooks{"probe__*", "retprobe__*"};
inline constexpr std::array k_signals{probe_signal<k_hooks, k_none, k_bare_cost>(
    "syscall", "system calls that are asked for by name", EV_SYSCALL)};

inline constexpr std::array k_operations{OperationDesc{
    .event = EV_SYSCALL,
    .entries = entry::calls,
    .calls = "the calls that are asked for by name (syscall:NAME)",
    .source =
        "the caller's registers at the entry, which nobody else reaches; what they point to is "
        "not read",
    .missed =
        "what the vDSO answers without a call; what seccomp stops; calls that were under way "
        "before; numbers of the x32 table; more calls asleep at a time than the kernel follows "
        "to their return: counted as lost when the task calls again"}};

}  // namespace gancho::syscalls::raw_calls
