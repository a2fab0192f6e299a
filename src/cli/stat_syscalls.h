// SPDX-License-Identifier: Apache-2.0
//
// A table of counted system calls for people and for machines:
//
//     20:49:51  10s, 12345 calls, 1234.5 a second, 12 errors
//     CALL      CALLS      /S  ERRORS   MEAN    P99    MAX  TOTAL  UNDER WAY
//     openat     1200   120.0      12  1.2us  3.8us  1.1ms  1.4ms
//     futex         4     0.4       0    1ms    2ms    2ms    4ms  3 for 12.3s
//
// Names of processes are quoted as in event/text.h. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "load/syscall_table.h"

namespace gancho {

enum class StatOrder : std::uint8_t { calls, errors, total, mean, p99, max, under_way, name };

struct StatView {
  std::uint32_t by = STAT_BY_CALL;  // STAT_BY_*: what the rows are about
  StatOrder order = StatOrder::calls;
  std::uint64_t top = 0;  // so many rows; 0: all
  bool colour = false;
  bool utc = false;  // times of day in UTC instead of local time
  WallClock clock = {};
};

// "call", "process,errno"; Errc::usage.
[[nodiscard]] Result<std::uint32_t> parse_stat_by(std::string_view text);

[[nodiscard]] std::string stat_text(const SyscallTable& table, const StatView& view);

// A line for each row, and one of the sums, "evt.type":"syscalls.total".
[[nodiscard]] std::string stat_json(const SyscallTable& table, const StatView& view);

// What the table could not hold, a line each for standard error; "" when it held everything.
[[nodiscard]] std::string stat_warnings(const SyscallTable& table);

}  // namespace gancho
