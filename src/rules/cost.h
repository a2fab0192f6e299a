// SPDX-License-Identifier: Apache-2.0
//
// What it costs to ask an event something: an estimate, of one core that has nothing else in its
// caches. The figures are nanoseconds that rules_bench measured (docs/performance.md); on another
// machine they are other ones, in about the same proportion.
#pragma once

#include <set>

#include "rules/typed.h"

namespace gancho::rules {

// Of one comparison. Operands in `read` have been read before and are free; what is read for it is
// added.
[[nodiscard]] double step_ns(const Terms& terms, const TypedComparison& comparison,
                             std::set<Index>& read);

}  // namespace gancho::rules
