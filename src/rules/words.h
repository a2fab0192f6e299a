// SPDX-License-Identifier: Apache-2.0
//
// Lists in tables that are one text: words with a blank between them.
#pragma once

#include <algorithm>
#include <string_view>

namespace gancho::rules {

template <class Visit>
void for_each_word(std::string_view words, const Visit& visit) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    visit(word);
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
}

}  // namespace gancho::rules
