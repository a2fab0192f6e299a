// SPDX-License-Identifier: Apache-2.0
//
// Sizes and durations as people write them. A size is a number of bytes or of KiB, MiB, GiB; a
// duration always names its unit. Fractions are exact or refused: "1.5s" is a duration, "1.5ns" is
// not.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gancho {

// "2MiB", "512KiB", "4096"
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);
// "20ms", "1.5s", "2h"
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
// Decimal digits only: no sign, no space.
[[nodiscard]] Result<std::uint64_t> parse_count(std::string_view text);

// In the largest unit that leaves a whole number, so that reading it back gives the same value.
[[nodiscard]] std::string print_bytes(std::uint64_t bytes);
[[nodiscard]] std::string print_duration(std::chrono::nanoseconds duration);

}  // namespace gancho
