// SPDX-License-Identifier: Apache-2.0
//
// Two clocks. The kernel side stamps records with the boot clock, which never jumps; people want
// the time of day. The distance between the two is a value, passed to whoever renders, so that a
// replay shows the times that were shown live.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gancho {

// CLOCK_BOOTTIME, ns since the machine was started, sleep included. Any thread.
[[nodiscard]] std::uint64_t boot_now_ns();

struct WallClock {
  std::int64_t offset_ns = 0;  // added to boot time: ns since 1970-01-01T00:00:00Z

  // The distance as it is now. It changes when somebody sets the clock.
  [[nodiscard]] static WallClock now();

  [[nodiscard]] std::int64_t unix_ns(std::uint64_t boot_ns) const {
    // Unsigned, so that a hostile record's time wraps instead of being undefined.
    return static_cast<std::int64_t>(boot_ns + static_cast<std::uint64_t>(offset_ns));
  }
};

inline constexpr std::int64_t k_ns_per_second = 1'000'000'000;

inline constexpr std::size_t k_rfc3339_length = 30;

// "2026-11-22T15:11:03.123456789Z", k_rfc3339_length bytes at `out`; returns the end. An int64 of
// nanoseconds reaches from 1677 to 2262, so the year always has four digits.
char* write_rfc3339(char* out, std::int64_t unix_ns);

}  // namespace gancho
