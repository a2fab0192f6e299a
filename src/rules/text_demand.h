// SPDX-License-Identifier: Apache-2.0
//
// What comparisons ask of a text, as far as many of them can be answered by one look at it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/typed.h"

namespace gancho::rules {

// `inside` takes small and capital letters of ASCII for the same.
enum class TextPart : std::uint8_t { whole, beginning, end, path, inside };

// Shorter texts are not looked for inside of others.
constexpr std::size_t k_fragment_min = 4;

// A comparison cannot hold unless this part of the operand's text is one of `texts`. More may be
// asked: a glob says what the text begins and ends with, and what is inside of it.
struct TextDemand {
  Index operand = 0;
  TextPart part = TextPart::whole;
  std::vector<std::string_view> texts;  // good as long as the terms are
};

// All that can be said so of a comparison that has to be as it is wanted, into `demands`; each for
// itself. None: it asks something else, or too much for a look.
void find_text_demands(const Terms& terms, const Needed& needed, std::vector<TextDemand>& demands);

// What stands between what is special in a glob's pattern (matches_glob), in its order: the first
// is how each text begins that fits, the last how it ends, and all are inside of it. Some are
// empty.
[[nodiscard]] std::vector<std::string_view> pieces_of_glob(std::string_view pattern);

}  // namespace gancho::rules
