// SPDX-License-Identifier: Apache-2.0
//
// What became of alerts, by sink: a page that courier and keeper share and that outlives the
// courier. offered = delivered + failed + dropped + lost + what still waits.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gancho {

enum class SinkKind : std::uint8_t { file, syslog, journal, http, program };
inline constexpr std::size_t k_sink_kinds = 5;

[[nodiscard]] std::string_view word_of(SinkKind kind);  // "file"

struct SinkCounters {
  std::atomic<std::uint64_t> offered;
  std::atomic<std::uint64_t> delivered;
  std::atomic<std::uint64_t> retried;  // attempts after the first
  std::atomic<std::uint64_t> dropped;  // no room in the queue
  std::atomic<std::uint64_t> failed;   // given up
  std::atomic<std::uint64_t> lost;     // with a courier that died, or waiting when time was over
};

struct CourierCounters {
  std::atomic<std::uint64_t> received;
  std::atomic<std::uint64_t> malformed;
  std::array<SinkCounters, k_sink_kinds> sinks;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// The same at one moment.
struct SinkCounts {
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;
  std::uint64_t dropped = 0;
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;

  [[nodiscard]] static SinkCounts of(const SinkCounters& counters);
  [[nodiscard]] std::uint64_t waiting() const {
    return offered - delivered - dropped - failed - lost;
  }
};

}  // namespace gancho
