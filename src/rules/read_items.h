// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rules/items.h"
#include "rules/problems.h"
#include "rules/source.h"

namespace gancho::rules {

// Of one file. Falco's own largest has 100 KiB and 500 values.
inline constexpr std::size_t k_most_bytes = 1U << 20;
inline constexpr std::size_t k_most_yaml_values = 100'000;

// The entries of a rule file, as far as each can be read; what is wrong is among the problems. A
// key that nobody knows is a warning, as in Falco.
[[nodiscard]] std::vector<Item> read_items(const Source& source, std::uint32_t file,
                                           Problems& problems);

}  // namespace gancho::rules
