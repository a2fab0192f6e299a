// SPDX-License-Identifier: Apache-2.0
//
// Whether values stand in a relation to others: the leaves of every condition.
#pragma once

#include <span>

#include "rules/field_reader.h"
#include "rules/typed.h"

namespace gancho::rules {

// Equality, order, and parts of texts only.
[[nodiscard]] bool relates(Operator op, ValueKind kind, const Cell& left, const Cell& right);

// Whether a comparison with constants is true of a field that has these values.
[[nodiscard]] bool holds(const Terms& terms, const TypedComparison& comparison,
                         std::span<const Cell> left);

}  // namespace gancho::rules
