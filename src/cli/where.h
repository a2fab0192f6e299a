// SPDX-License-Identifier: Apache-2.0
//
// --where of the commands that show events.
#pragma once

#include <optional>

#include "cli/arguments.h"
#include "event/event_set.h"
#include "rules/typed.h"

namespace gancho {

inline constexpr Parameter k_where_option{
    .names = "--where",
    .value = "CONDITION",
    .meaning = "Only events for which this holds, such as 'proc.name = bash and user.uid = 0'"};

// What a command ends with when the condition is wrong: nothing was attached or read.
inline constexpr int k_wrong_condition = 2;

// nullopt, and what is wrong on standard error, when it is: also why none of `events` could match.
// What is odd is a warning there. Without the option, a condition without steps, which is none.
[[nodiscard]] std::optional<rules::TypedCondition> where_value(const Arguments& arguments,
                                                               const EventSet& events);

}  // namespace gancho
