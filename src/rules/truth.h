// SPDX-License-Identifier: Apache-2.0
//
// Logic with a third value. A comparison is `unknown` when the record has no such field, or when it
// could not be read; what is made of it follows Kleene:
//
//   not   | no  unknown yes       yes, unknown, no
//   and   | the least of both     no < unknown < yes
//   or    | the greatest of both
//
// So `not unknown` is unknown, `unknown and no` is no, `unknown or yes` is yes. A condition fires
// on yes only: what is not known is never held against anybody, and never passes for innocence
// either. `exists` is never unknown: it is the way to ask.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gancho::rules {

enum class Truth : std::uint8_t { no, unknown, yes };

[[nodiscard]] constexpr Truth truth_of(bool value) {
  return value ? Truth::yes : Truth::no;
}
[[nodiscard]] constexpr Truth opposite(Truth a) {
  return static_cast<Truth>(2 - static_cast<int>(a));
}
[[nodiscard]] constexpr Truth both(Truth a, Truth b) {
  return std::min(a, b);
}
[[nodiscard]] constexpr Truth either(Truth a, Truth b) {
  return std::max(a, b);
}

}  // namespace gancho::rules
