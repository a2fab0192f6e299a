// SPDX-License-Identifier: Apache-2.0
//
// How the parts of the field reader make values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "event/view.h"
#include "rules/field_reader.h"

namespace gancho::rules {

// What a container's id, type and name are of what runs in none, as Falco has it.
inline constexpr std::string_view k_host = "host";

template <class Wire>
[[nodiscard]] Wire wire_of(const gancho::Value& value) {
  return load_wire<Wire>(reinterpret_cast<const std::byte*>(value.bytes.data()));
}

inline Found number(std::uint64_t value, Cell& cell) {
  cell.number = Number::of(value);
  return Found::one;
}

inline Found text(std::string_view value, Cell& cell) {
  cell.text = value;
  return Found::one;
}

// What is behind the first element of a list.
[[nodiscard]] inline std::string_view behind_first(std::string_view list) {
  const std::size_t end = list.find('\0');
  return end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
}

// The process that a lineage's entry was executed in.
[[nodiscard]] inline ProcessKey executor(const ev_ancestor& ancestor) {
  return {.pid = ancestor.pid, .start_time = ancestor.start_time};
}

// One value for each process, the program that it executed last: which is the first of its entries.
// Entries of the process itself, from before it executed again, are left out.
template <class Visit>
void for_each_process(std::string_view lineage, const ProcessKey& self, const Visit& visit) {
  ProcessKey last = self;
  std::string_view rest = lineage;
  while (rest.size() >= sizeof(ev_ancestor)) {
    // In place: a name is a view into the record.
    const auto entry = load_wire<ev_ancestor>(reinterpret_cast<const std::byte*>(rest.data()));
    const char* const comm = rest.data() + offsetof(ev_ancestor, comm);
    const ProcessKey key = executor(entry);
    rest.remove_prefix(sizeof(ev_ancestor));
    if (key == last) continue;
    last = key;
    if (!visit(std::string_view(comm, ::strnlen(comm, EV_COMM_LEN)), entry)) return;
  }
}

}  // namespace gancho::rules
