// SPDX-License-Identifier: Apache-2.0
//
// The same language, evaluated in the most obvious way: a map of values, a walk over the tree,
// comparisons spelled out. For tests only: what is fast is held against it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/truth.h"

namespace gancho::rules::reference {

// Values of each field by its name in the condition; nullopt: unknown. Numbers in decimal, truths
// as "true" and "false", addresses as inet_ntop(3) writes them.
struct Known {
  char kind = 't';  // t: text, n: number, b: truth, a: address
  std::optional<std::vector<std::string>> values;
};
using Event = std::map<std::string, Known>;

[[nodiscard]] Truth evaluate(const Condition& condition, const Event& event);

}  // namespace gancho::rules::reference
