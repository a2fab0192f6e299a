// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "event/event_set.h"
#include "rules/ast.h"
#include "rules/typed.h"

namespace gancho::rules {

// Why none of these events can ever meet the condition: which field those that it asks for do not
// have. "" when one may, and when it asks for none of these, but for others.
[[nodiscard]] std::string why_never(const Condition& condition, const TypedCondition& typed,
                                    const EventSet& events = EventSet::all());

}  // namespace gancho::rules
