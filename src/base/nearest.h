// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": the known name that a mistyped one most likely stands for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gancho {

// "" when none is near enough to be worth a suggestion. Letter case does not count, and of equally
// near names the first wins.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> known);

// `; did you mean "output"?`, or "" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> known);

// "exec, fork, exit and 9 more": the first of many, all of a few.
[[nodiscard]] std::string first_words(std::span<const std::string_view> words);

}  // namespace gancho
