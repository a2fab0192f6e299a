// SPDX-License-Identifier: Apache-2.0
//
// What rules need, found by a child that has no privilege: the keeper looks at no rule itself.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/on_demand.h"
#include "rules/rule.h"

namespace gancho {

struct RulePlan {
  std::vector<std::string> events;  // words of the setting `events`
  std::vector<std::string> hosts;   // names that are compared with, to be looked up
  bool needs_processes = false;     // the process table
  OnDemand asks_for;
  std::size_t rules = 0;  // that run
  std::string remarks;    // lines: warnings; rules that do not run, and why
};

// Of the rules in the files of `bundle` (rules/rule_files.h) that are urgent enough. Errc::input,
// with all that is wrong, a line each, when they are not to be had. Takes a second at most. One
// thread; as root or not.
[[nodiscard]] Result<RulePlan> plan_rules(const std::string& bundle, rules::Priority min_priority);

}  // namespace gancho
