// SPDX-License-Identifier: Apache-2.0
//
// What has to be watched so that rules see all that they may match.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/typed_rules.h"

namespace gancho::rules {

// Words of `gancho watch`: events, and "syscall:mlock" of a call that no event tells of. Not those
// that come by no act of anybody (a visit of what was there before).
[[nodiscard]] std::vector<std::string> wanted_events(const TypedRules& rules);

// The events of which anything reads a path that the kernel side found (event/projection.h).
[[nodiscard]] EventSet events_with_paths(const Terms& terms);

// The fields of an event that hold such paths, when the kernel side may leave them out: for exec
// and what was there before it never does, because the process table lives on those.
[[nodiscard]] std::vector<std::string_view> optional_paths(const EventDesc& event);

}  // namespace gancho::rules
