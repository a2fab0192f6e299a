// SPDX-License-Identifier: Apache-2.0
//
// An item of a list or a value of an exception, which YAML has given as a text, as a condition
// would have it. Falco puts it into the condition as it is, in quotes when it has a blank. So do
// we; but what could not be read there, or would be more than one value, is taken for what it is.
#pragma once

#include "rules/ast.h"
#include "rules/rule_text.h"

namespace gancho::rules {

// With quotes where it needs them.
[[nodiscard]] RuleText as_value(const RuleText& item);

[[nodiscard]] Value item_value(const RuleText& item);

}  // namespace gancho::rules
