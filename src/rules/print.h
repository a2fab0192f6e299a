// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "rules/ast.h"

namespace gancho::rules {

// On one line, as parse_condition() reads it back to the same tree.
[[nodiscard]] std::string print_condition(const Condition& condition);

// One comparison of it: "proc.name in (bash, sh)".
[[nodiscard]] std::string print_comparison(const Condition& condition,
                                           const Comparison& comparison);

// One field or transformer of it: "tolower(proc.aname[2])".
[[nodiscard]] std::string print_operand(const Condition& condition, Index operand);

}  // namespace gancho::rules
