// SPDX-License-Identifier: Apache-2.0
//
// One table out of several, when the program is compiled: rooms share rows of fields and signals.
#pragma once

#include <array>
#include <cstddef>

namespace gancho {

template <class T, std::size_t... Sizes>
constexpr auto join(const std::array<T, Sizes>&... tables) {
  std::array<T, (Sizes + ...)> joined{};
  std::size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const T& row : table) joined[at++] = row;
  };
  (append(tables), ...);
  return joined;
}

}  // namespace gancho
