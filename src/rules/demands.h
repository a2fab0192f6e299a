// SPDX-License-Identifier: Apache-2.0
//
// What a condition demands of an event before it can match: of each demand one comparison at least
// must be as it is wanted. `(a or b) and c` has two: {a, b} and {c}.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "rules/typed.h"

namespace gancho::rules {

struct Demand {
  std::vector<Needed> any;
  double weight = 0;  // the sum of theirs
};

// What it is worth to know whether a comparison is so: the less the better; infinity: it is no use.
using Weigh = std::function<double(const Needed&)>;

// Some of the demands of a condition that only events of this type are asked for: the best,
// lightest first. Comparisons that are of no use are in none.
[[nodiscard]] std::vector<Demand> find_demands(const Terms& terms, const Logic& logic,
                                               std::uint16_t type, const Weigh& weigh);

// Comparisons without which a condition cannot match an event of this type: some of them, if there
// are many.
[[nodiscard]] std::vector<Needed> find_needed(const Terms& terms, const Logic& logic,
                                              std::uint16_t type);

}  // namespace gancho::rules
