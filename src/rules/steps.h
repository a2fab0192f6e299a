// SPDX-License-Identifier: Apache-2.0
//
// What is made of a checked condition's tree: the steps that evaluate it, and the types of events
// for which it may match.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "event/room.h"
#include "rules/ast.h"
#include "rules/typed.h"

namespace gancho::rules {

// `places`: of the tree's comparisons among those of `terms`.
[[nodiscard]] Logic make_logic(const Condition& condition, std::span<const Index> places,
                               const Terms& terms);

// A comparison of evt.type decided for each type of event; nothing for any other.
void decide_by_type(TypedComparison& comparison, Terms& terms);

// The system calls that an event comes by, as far as their names are known.
[[nodiscard]] std::vector<std::string_view> calls_of(const Room& room, const EventDesc& event);

}  // namespace gancho::rules
