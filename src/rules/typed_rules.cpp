// SPDX-License-Identifier: Apache-2.0
#include "rules/typed_rules.h"

#include <utility>

#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/field_table.h"
#include "rules/print.h"

namespace gancho::rules {
namespace {

// The field of an output as the operand that a condition would have.
Condition as_operand(const OutputPart& part) {
  Condition made;
  made.operands.push_back({.kind = OperandKind::field,
                           .name = part.field,
                           .argument = part.argument,
                           .arguments = {},
                           .at = part.at});
  for (std::size_t i = part.transformers.size(); i-- > 0;) {
    const Range inner{.first = static_cast<Index>(made.operand_arguments.size()), .count = 1};
    made.operand_arguments.push_back(static_cast<Index>(made.operands.size() - 1));
    made.operands.push_back({.kind = OperandKind::transformer,
                             .transformer = part.transformers[i],
                             .name = {},
                             .argument = {},
                             .arguments = inner,
                             .at = part.at});
  }
  return made;
}

TypedOutputPart typed_part(const OutputPart& part, Checker& checker) {
  TypedOutputPart made{.text = part.text, .name = {}, .width = part.width};
  if (part.field.empty()) return made;
  const Condition operand = as_operand(part);
  const auto outermost = static_cast<Index>(operand.operands.size() - 1);
  made.name = print_operand(operand, outermost);
  // It was said when the rule was loaded.
  if (!is_supplied(part.field, part.argument)) return made;
  made.operand = checker.operand(operand, outermost);
  return made;
}

}  // namespace

EventSet TypedRules::events() const {
  EventSet events;
  for (const TypedRule& rule : rules) events.add(event_types(rule.logic));
  return events;
}

std::optional<TypedRules> type_rules(const RuleSet& set, Problems& problems, HostNames hosts) {
  const std::size_t before = problems.errors();
  Checker checker(problems, std::move(hosts));
  TypedRules typed;
  for (const Rule& rule : set.rules) {
    if (!rule.runs()) continue;
    auto logic = checker.condition(rule.condition);
    if (!logic) continue;
    TypedRule& made = typed.rules.emplace_back();
    made.name = rule.name;
    made.source = rule.source;
    made.priority = rule.priority;
    made.tags = rule.tags;
    made.logic = std::move(*logic);
    for (const OutputPart& part : rule.output.parts)
      made.output.push_back(typed_part(part, checker));
  }
  if (problems.errors() != before) return std::nullopt;
  typed.terms = std::move(checker).finish();
  return typed;
}

}  // namespace gancho::rules
