// SPDX-License-Identifier: Apache-2.0
//
// Values that a field never has: it is known by names, and this is none of them. They are warned of
// and no errors: a newer kernel may have more names than we do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/hints.h"
#include "rules/problems.h"

namespace gancho::rules {

class OddValues {
 public:
  void check(const Condition& condition, Hints& hints, Problems& problems);

 private:
  [[nodiscard]] const std::vector<std::string_view>& names(const Operand& field,
                                                           const std::string& written);

  std::map<std::string, std::vector<std::string_view>> names_;  // looked up once for all rules
};

}  // namespace gancho::rules
