// SPDX-License-Identifier: Apache-2.0
//
// "00" "01" ... in the given base: two digits for one look-up.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gancho {

template <std::size_t base>
inline constexpr auto k_digit_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 2 * base * base> pairs{};
  for (std::size_t i = 0; i < base * base; ++i) {
    pairs[2 * i] = digits[i / base];
    pairs[2 * i + 1] = digits[i % base];
  }
  return pairs;
}();

}  // namespace gancho
