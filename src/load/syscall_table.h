// SPDX-License-Identifier: Apache-2.0
//
// What `gancho stat syscalls` has counted: plain data, summed over the CPUs.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/syscall_stat.h"

namespace gancho {

struct SyscallRow {
  stat_key key{};
  stat_value value{};           // of all CPUs; comm: the latest
  std::uint64_t under_way = 0;  // calls that have not returned
  // How long the oldest of them has been; with `older`, at least: one began before the view.
  std::uint64_t under_way_ns = 0;
  bool older = false;
};

// From one look to the next.
struct SyscallTable {
  std::uint64_t begin_ns = 0;  // boot clock
  std::uint64_t end_ns = 0;
  std::vector<SyscallRow> rows;  // in no order
  stat_value rest{};             // of all whose rows found no room
  std::uint64_t rest_rows = 0;   // room that there was
  std::uint64_t skipped = 0;     // runs that the kernel left out, since the view began
};

}  // namespace gancho
