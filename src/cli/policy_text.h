// SPDX-License-Identifier: Apache-2.0
//
// What is said of a set of rules, for people and for machines.
#pragma once

#include <cstddef>
#include <string>

#include "rules/load.h"

namespace gancho {

// Every problem with its line, in the order of the files, and how many more there are.
[[nodiscard]] std::string policy_problems(const rules::Loaded& loaded);

// A line of JSON for each of them, and a last one that counts: all, and what was read.
[[nodiscard]] std::string policy_check_json(const rules::Loaded& loaded, std::size_t files);

// "1 file: 25 rules, 80 macros, 50 lists", and by name the rules that do not run.
[[nodiscard]] std::string policy_summary(const rules::RuleSet& set, std::size_t files);

// A rule a line: name, priority, whether it runs, source, tags; below, why some do not.
[[nodiscard]] std::string policy_table(const rules::RuleSet& set);

// A rule a line, as JSON.
[[nodiscard]] std::string policy_json(const rules::RuleSet& set);

}  // namespace gancho
