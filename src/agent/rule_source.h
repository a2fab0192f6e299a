// SPDX-License-Identifier: Apache-2.0
//
// From the files that the configuration names to what keeper and worker need of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/options.h"
#include "base/result.h"
#include "event/on_demand.h"

namespace gancho {

struct RuleSource {
  std::string orders;   // for the worker (agent/rule_orders.h)
  std::string remarks;  // lines for people: warnings, rules that do not run, names without address
  std::size_t rules = 0;
  // What the rules ask for.
  std::vector<std::string> events;
  bool needs_processes = false;
  OnDemand asks_for;

  void ask(AgentOptions& options) const;
};

// Reads the rule files of `options`, which name some. Errc::input, a line for each that is wrong,
// when they cannot be used.
[[nodiscard]] Result<RuleSource> read_rules(const AgentOptions& options);

}  // namespace gancho
