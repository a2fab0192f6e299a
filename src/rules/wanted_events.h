// SPDX-License-Identifier: Apache-2.0
//
// What has to be watched so that rules see all that they may match.
#pragma once

#include <string>
#include <vector>

#include "rules/typed_rules.h"

namespace gancho::rules {

// Words of `gancho watch`: events, and "syscall:mlock" of a call that no event tells of. Not those
// that come by no act of anybody (a visit of what was there before).
[[nodiscard]] std::vector<std::string> wanted_events(const TypedRules& rules);

// The events of which anything reads a path that the kernel side found (event/projection.h).
[[nodiscard]] EventSet events_with_paths(const Terms& terms);

}  // namespace gancho::rules
