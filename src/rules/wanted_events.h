// SPDX-License-Identifier: Apache-2.0
//
// What has to be watched so that rules see all that they may match.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/on_demand.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// Words of `gancho watch`: events, and "syscall:mlock" of a call that no event tells of. Not those
// that come by no act of anybody (a visit of what was there before).
[[nodiscard]] std::vector<std::string> wanted_events(const TypedRules& rules);

// What answering them takes.
[[nodiscard]] OnDemand on_demand(const Terms& terms);

// The fields of an event that are left out when no more than that is asked for. Paths of exec and
// of what was there before are not: the process table lives on them.
[[nodiscard]] std::vector<std::string_view> left_out(const EventDesc& event, const OnDemand& asked);

}  // namespace gancho::rules
