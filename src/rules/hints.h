// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/nearest.h"

namespace gancho::rules {

// "Did you mean", as often as somebody may want to read it: looking through thousands of names for
// each of thousands would take a hostile file's time.
class Hints {
 public:
  // `names` gives all that there are.
  template <class Names>
  [[nodiscard]] std::string did_you_mean(std::string_view word, const Names& names) {
    if (compared_ > k_most) return "";
    const auto known = names();
    compared_ += known.size() + 1;
    return gancho::did_you_mean(word, known);
  }

 private:
  static constexpr std::size_t k_most = 50'000;  // some 20 ms
  std::size_t compared_ = 0;
};

}  // namespace gancho::rules
