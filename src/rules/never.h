// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "rules/ast.h"
#include "rules/typed.h"

namespace gancho::rules {

// Why no event can ever meet the condition: which field the events that it asks for do not have.
// "" when one may.
[[nodiscard]] std::string why_never(const Condition& condition, const TypedCondition& typed);

}  // namespace gancho::rules
