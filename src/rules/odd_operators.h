// SPDX-License-Identifier: Apache-2.0
//
// Comparisons that Falco reads and that cannot mean here what they say: its arguments are all
// texts, its texts have an order, and its names of hosts take any operator. A rule that has one
// does not run, which says more than an error that stops its whole file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "rules/ast.h"
#include "rules/field.h"

namespace gancho::rules {

class OddOperators {
 public:
  // "" when there is none.
  [[nodiscard]] std::string why(const Condition& condition);

 private:
  [[nodiscard]] std::string why(const Condition& condition, const Comparison& comparison);
  // nullptr when there is no such field.
  [[nodiscard]] const Field* field(const Condition& condition, Index operand);

  std::map<std::string, std::optional<Field>> fields_;  // looked up once for all rules
};

}  // namespace gancho::rules
