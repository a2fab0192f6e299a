// SPDX-License-Identifier: Apache-2.0
//
// Rules that are evaluated together: the conditions and outputs of all that run, on common terms.
// Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/event_set.h"
#include "rules/problems.h"
#include "rules/rule.h"
#include "rules/typed.h"

namespace gancho::rules {

struct TypedOutputPart {
  std::string text;        // in front of what is shown
  std::string name;        // as the rule has it: "proc.aname[2]"; "" at the end of all
  Index operand = k_none;  // k_none with a name: nobody supplies its fields
  std::uint32_t width = 0;
};

struct TypedRule {
  std::string name;
  std::string source;
  Priority priority = Priority::debug;
  std::vector<std::string> tags;
  std::vector<TypedOutputPart> output;
  Logic logic;
};

struct TypedRules {
  Terms terms;
  std::vector<TypedRule> rules;  // those that run, in their order

  // The events that any of them may match.
  [[nodiscard]] EventSet events() const;
};

// Do its transformers fit what they take? What type_rules() would say of it, when a rule is read.
[[nodiscard]] bool check_output(const Output& output, Problems& problems);

// nullopt when there is a problem. A name of a host that is not in `hosts` is that of no address.
[[nodiscard]] std::optional<TypedRules> type_rules(const RuleSet& set, Problems& problems,
                                                   HostNames hosts = {});

}  // namespace gancho::rules
