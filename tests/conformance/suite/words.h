// SPDX-License-Identifier: Apache-2.0
//
// Arguments in one text, with blanks between them; what stands in single or double quotes is one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gancho::test {

inline std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\n", at)) != std::string_view::npos;) {
    if (text[at] == '"' || text[at] == '\'') {
      const std::size_t end = text.find(text[at], at + 1);
      if (end != std::string_view::npos && end > at + 1) {
        words.emplace_back(text.substr(at + 1, end - at - 1));
        at = end + 1;
        continue;
      }
    }
    const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace gancho::test
