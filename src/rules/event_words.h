// SPDX-License-Identifier: Apache-2.0
//
// The words that `evt.type` is compared with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/hints.h"
#include "rules/problems.h"

namespace gancho::rules {

// An event of ours is called so, or a system call.
[[nodiscard]] bool is_event_word(std::string_view word);

// The system call that Falco calls so, where its name is another: pread64 for "pread".
[[nodiscard]] std::string_view as_call(std::string_view word);

// Falco has an event of that name that nothing here corresponds to: "container", "signaldeliver".
[[nodiscard]] bool is_event_word_of_falco(std::string_view word);

// All that is_event_word() knows, for "did you mean".
[[nodiscard]] std::vector<std::string_view> event_words();

// Warns of words that are neither.
void check_event_words(const Condition& condition, Hints& hints, Problems& problems);

// Does the comparison ask for events by their names, one by one?
[[nodiscard]] bool names_events(const Condition& condition, const Comparison& comparison);

}  // namespace gancho::rules
