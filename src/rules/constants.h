// SPDX-License-Identifier: Apache-2.0
//
// Values of a condition, read as what their field is.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "rules/typed.h"

namespace gancho::rules {

// What was expected instead, on error.
[[nodiscard]] std::expected<Constant, std::string> read_constant(const TypedOperand& left,
                                                                 Operator op,
                                                                 std::string_view text);

}  // namespace gancho::rules
