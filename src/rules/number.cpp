// SPDX-License-Identifier: Apache-2.0
#include "rules/number.h"

#include <charconv>
#include <limits>

namespace gancho::rules {

std::optional<Number> parse_number(std::string_view text, bool octal) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = octal ? 8 : 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint64_t magnitude = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, magnitude, base);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  if (!negative) return Number::of(magnitude);
  constexpr auto most = std::uint64_t{1} << 63;
  if (magnitude > most) return std::nullopt;
  if (magnitude == 0) return Number::of(0);
  return Number{false, ~magnitude + 1};
}

}  // namespace gancho::rules
