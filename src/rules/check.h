// SPDX-License-Identifier: Apache-2.0
//
// From the tree of a condition to its typed form: every field found in the schema, every value read
// once as what the field is, every operator held against the types. Each error says where, what was
// expected, what stands there; several in one run.
#pragma once

#include <optional>

#include "rules/ast.h"
#include "rules/problems.h"
#include "rules/typed.h"

namespace gancho::rules {

// nullopt when there is a problem. Macros and lists have been written out.
[[nodiscard]] std::optional<TypedCondition> check_condition(const Condition& condition,
                                                            Problems& problems);

}  // namespace gancho::rules
