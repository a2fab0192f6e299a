// SPDX-License-Identifier: Apache-2.0
//
// From the files that the configuration names to what keeper and worker need of them.
#pragma once

#include <string>

#include "agent/options.h"
#include "base/result.h"

namespace gancho {

struct RuleSource {
  std::string orders;   // for the worker (agent/rule_orders.h)
  std::string remarks;  // lines for people: warnings, rules that do not run, names without address
  std::size_t rules = 0;
};

// Reads the rule files of `options`, which name some, and sets what they ask for there: events, the
// process table. Errc::input, a line for each that is wrong, when they cannot be used.
[[nodiscard]] Result<RuleSource> read_rules(AgentOptions& options);

}  // namespace gancho
