// SPDX-License-Identifier: Apache-2.0
#include "rules/where.h"

#include <utility>

#include "rules/check.h"
#include "rules/parser.h"
#include "rules/source.h"

namespace gancho::rules {

std::expected<TypedCondition, WhereErrors> read_where(std::string_view text) {
  Problems problems;
  const auto parsed = parse_condition(RuleText(text), problems);
  auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
  if (typed) return std::move(*typed);
  const std::vector<Source> sources{Source("--where", std::string(text))};
  WhereErrors all;
  for (const Problem& problem : problems.kept()) all.push_back(print_problem(problem, sources));
  return std::unexpected(std::move(all));
}

}  // namespace gancho::rules
