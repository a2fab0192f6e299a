// SPDX-License-Identifier: Apache-2.0
#include "rules/where.h"

#include <fmt/format.h>

#include <utility>

#include "rules/check.h"
#include "rules/host_names.h"
#include "rules/parser.h"
#include "rules/source.h"

namespace gancho::rules {

namespace {

// Whoever reads it has no network.
bool asks_for_hosts(const Condition& condition, Problems& problems) {
  for (const Operand& operand : condition.operands) {
    if (operand.kind != OperandKind::field || !is_host_name_field(operand.name)) continue;
    problems.error(operand.at,
                   fmt::format("names of hosts are looked up for rules only: compare {}",
                               operand.name.substr(0, operand.name.rfind('.'))));
    return true;
  }
  return false;
}

}  // namespace

std::expected<TypedCondition, WhereErrors> read_where(std::string_view text) {
  Problems problems;
  auto parsed = parse_condition(RuleText(text), problems);
  if (parsed && asks_for_hosts(*parsed, problems)) parsed.reset();
  auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
  if (typed) return std::move(*typed);
  const std::vector<Source> sources{Source("--where", std::string(text))};
  WhereErrors all;
  for (const Problem& problem : problems.kept()) all.push_back(print_problem(problem, sources));
  return std::unexpected(std::move(all));
}

}  // namespace gancho::rules
