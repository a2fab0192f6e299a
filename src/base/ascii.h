// SPDX-License-Identifier: Apache-2.0
//
// Letters of names that are ASCII, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace gancho {

[[nodiscard]] constexpr char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = lower(letter);
  return result;
}

}  // namespace gancho
