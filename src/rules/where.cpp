// SPDX-License-Identifier: Apache-2.0
#include "rules/where.h"

#include <fmt/format.h>

#include <utility>

#include "rules/check.h"
#include "rules/event_words.h"
#include "rules/hints.h"
#include "rules/host_names.h"
#include "rules/never.h"
#include "rules/odd_values.h"
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

WhereErrors printed(std::string_view text, const Problems& problems) {
  const std::vector<Source> sources{Source("--where", std::string(text))};
  WhereErrors all;
  for (const Problem& problem : problems.kept()) all.push_back(print_problem(problem, sources));
  return all;
}

}  // namespace

std::expected<TypedCondition, WhereErrors> read_where(std::string_view text) {
  Problems problems;
  auto parsed = parse_condition(RuleText(text), problems);
  if (parsed && asks_for_hosts(*parsed, problems)) parsed.reset();
  auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
  if (typed) return std::move(*typed);
  return std::unexpected(printed(text, problems));
}

WhereRemarks where_remarks(std::string_view text, const EventSet& events) {
  Problems problems;
  const auto parsed = parse_condition(RuleText(text), problems);
  const auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
  if (!typed) return {};
  Problems odd;
  Hints hints;
  check_event_words(*parsed, hints, odd);
  OddValues().check(*parsed, hints, odd);
  return {.warnings = printed(text, odd), .never = why_never(*parsed, *typed, events)};
}

}  // namespace gancho::rules
