// SPDX-License-Identifier: Apache-2.0
//
// A condition that stands alone, on a command line.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/typed.h"

namespace gancho::rules {

// What is wrong with it, each with the line that it is in and a mark below: several lines, the last
// of which ends, too.
using WhereErrors = std::vector<std::string>;

[[nodiscard]] std::expected<TypedCondition, WhereErrors> read_where(std::string_view text);

}  // namespace gancho::rules
