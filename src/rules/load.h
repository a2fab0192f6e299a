// SPDX-License-Identifier: Apache-2.0
//
// Rule files, in order, to a set of rules. Pure: whoever has read the files gives their texts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/problems.h"
#include "rules/rule.h"
#include "rules/source.h"

namespace gancho::rules {

struct RuleFile {
  std::string name;  // as messages call it
  std::string text;
};

struct Loaded {
  std::vector<Source> sources;  // of the spans' files
  Problems problems;
  std::optional<RuleSet> rules;  // nullopt when there is an error; warnings do not matter
};

// A later file adds to, changes and replaces what earlier ones define.
[[nodiscard]] Loaded load_rules(std::vector<RuleFile> files);

}  // namespace gancho::rules
