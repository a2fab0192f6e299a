// SPDX-License-Identifier: Apache-2.0
//
// Any number of the schema, signed or not, in one order.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gancho::rules {

struct Number {
  bool positive = true;    // or 0
  std::uint64_t bits = 0;  // two's complement when it is negative

  [[nodiscard]] static constexpr Number of(std::uint64_t value) { return {true, value}; }
  [[nodiscard]] static constexpr Number of_signed(std::int64_t value) {
    return {value >= 0, static_cast<std::uint64_t>(value)};
  }
  friend constexpr auto operator<=>(const Number&, const Number&) = default;
};

static_assert(Number::of_signed(-1) < Number::of(0) &&
              Number::of_signed(-2) < Number::of_signed(-1) &&
              Number::of(1) < Number::of(1ULL << 63));

// "12", "-1", "0x1f"; with `octal` also "0755" and "755". nullopt: no number, or none of 64 bits.
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, bool octal = false);

}  // namespace gancho::rules
