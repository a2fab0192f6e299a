// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gancho::rules {

// As Falco's rule_matching.
enum class Matching : std::uint8_t {
  first,  // of several rules that match, in the order of the files, only the first fires
  all,
};

}  // namespace gancho::rules
