// SPDX-License-Identifier: Apache-2.0
//
// What the transformers getopt and b64 do.
#pragma once

#include <string_view>

namespace gancho::rules {

// The options among arguments, as getopt(3) finds them with `known` ("ab:c"): of each its letter,
// a view into the arguments, and its value, "" when it takes none. Arguments that are no options
// may stand between them; behind "--" there are none.
template <class List, class Text, class Visit>
void for_each_option(const List& arguments, const Text& text, std::string_view known,
                     const Visit& visit) {
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    std::string_view word = text(*at);
    if (word == "--") return;
    if (word.size() < 2 || word.front() != '-' || word[1] == '-') continue;
    for (word.remove_prefix(1); !word.empty(); word.remove_prefix(1)) {
      const std::string_view letter = word.substr(0, 1);
      const std::size_t place = letter == ":" ? std::string_view::npos : known.find(letter);
      if (place == std::string_view::npos) continue;
      if (!known.substr(place + 1).starts_with(':')) {
        visit(letter, std::string_view{});
        continue;
      }
      std::string_view value = word.substr(1);
      // Its value is the rest, or the next argument.
      if (value.empty() && at + 1 != arguments.end()) value = text(*++at);
      visit(letter, value);
      break;
    }
  }
}

// At most as many bytes as `text` has, at `out`; returns the end, or nullptr when it is not base64.
char* decode_base64(std::string_view text, char* out);

}  // namespace gancho::rules
