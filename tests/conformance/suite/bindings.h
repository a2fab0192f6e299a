// SPDX-License-Identifier: Apache-2.0
//
// ${resource.fd}, ${step.ret}: numbers that come of what was done before, under names in which
// letter case does not count.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "conformance/suite/names.h"

namespace gancho::test {

class Bindings {
 public:
  void set(const std::string& source, const std::string& field, long value);
  // A binding's value, or the number that stands there.
  [[nodiscard]] long number(std::string_view text, Names names) const;

  [[nodiscard]] static bool is_binding(std::string_view text);

 private:
  std::map<std::string, long> values_;
};

}  // namespace gancho::test
