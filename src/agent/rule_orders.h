// SPDX-License-Identifier: Apache-2.0
//
// What the worker is told about rules: their texts, the addresses of hosts that they name, and what
// passes of their alerts. One text, in a
// file that the keeper hands over.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/host_names.h"
#include "rules/matching.h"
#include "rules/rule.h"
#include "sinks/limits.h"

namespace gancho {

struct RuleOrders {
  rules::Matching matching = rules::Matching::first;
  rules::Priority min_priority = rules::Priority::debug;
  AlertLimitSettings limits;
  std::vector<std::string> redact;  // patterns
  rules::HostNames hosts = {};      // that rules compare with
  std::string bundle;               // rules/rule_files.h
};

[[nodiscard]] std::string write_orders(const RuleOrders& orders);
// nullopt: that were none.
[[nodiscard]] std::optional<RuleOrders> read_orders(std::string_view text);

}  // namespace gancho
