// SPDX-License-Identifier: Apache-2.0
//
// Exceptions of a rule: what must not hold for it to fire, as fields, comparisons and tuples of
// values. They become part of the condition: CONDITION and not (FIELD COMPARISON VALUE and ...).
#pragma once

#include <optional>
#include <span>

#include "rules/items.h"
#include "rules/problems.h"
#include "rules/rule_text.h"

namespace gancho::rules {

// Are fields and comparisons as many, and what they must be? Puts in what is not said: = for each
// field of a list, in for a single one.
void check_exception(ExceptionItem& exception, Problems& problems);

// The condition with its exceptions. nullopt when there is a problem with their values.
[[nodiscard]] std::optional<RuleText> with_exceptions(const RuleText& condition,
                                                      std::span<const ExceptionItem> exceptions,
                                                      Problems& problems);

}  // namespace gancho::rules
