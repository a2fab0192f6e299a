// SPDX-License-Identifier: Apache-2.0
//
// What the worker holds of the world, table by table: how much of how much, and what had to go for
// want of room. So that a user can tell an agent that is full from one that grows. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "enrich/process_table.h"

namespace gancho {

struct ContainerHoldings {
  std::size_t max = 0;
  std::size_t known = 0;
  std::size_t bytes_max = 0;
  std::size_t bytes = 0;
  std::size_t asked_max = 0;
  std::size_t asked = 0;  // about now, or given up not long ago
  // Since the start:
  std::uint64_t evicted = 0;    // gave way in the table
  std::uint64_t unknown = 0;    // given up: nothing was found out in time
  std::uint64_t forgotten = 0;  // that they were given up: an event of theirs waits once more
  std::uint64_t unasked = 0;    // events that found too many asked about, and were written so
};

struct Holdings {
  ProcessTableLimits limits;
  ProcessTableCounts processes;
  ContainerHoldings containers;
};

// One object of JSON for each table: {"processes":{...},"containers":{...}}, without the braces
// around them.
[[nodiscard]] std::string json_members(const Holdings& holdings);

// What had to go, as the account has it.
struct HoldingsLost {
  std::uint64_t processes_evicted = 0;  // ended ones, before their time
  std::uint64_t processes_refused = 0;
  std::uint64_t programs_trimmed = 0;
  std::uint64_t environments_dropped = 0;
  std::uint64_t containers_evicted = 0;
  std::uint64_t containers_unknown = 0;
  std::uint64_t containers_forgotten = 0;
  std::uint64_t containers_unasked = 0;
};
[[nodiscard]] HoldingsLost lost_of(const ProcessTableCounts& processes,
                                   const ContainerHoldings& containers);

}  // namespace gancho
