// SPDX-License-Identifier: Apache-2.0
#include "rules/typed_rules.h"

#include <algorithm>
#include <utility>

#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/field_table.h"
#include "rules/print.h"

namespace gancho::rules {
namespace {

TypedOutputPart typed_part(const OutputPart& part, Checker& checker) {
  TypedOutputPart made{.text = part.text, .name = {}, .width = part.width};
  if (!part.shows()) return made;
  made.name = print_operand(part.shown, part.outermost());
  // It was said when the rule was loaded.
  const bool supplied = std::ranges::all_of(part.shown.operands, [](const Operand& operand) {
    return operand.kind != OperandKind::field || is_supplied(operand.name, operand.argument);
  });
  if (supplied) made.operand = checker.operand(part.shown, part.outermost());
  return made;
}

}  // namespace

EventSet TypedRules::events() const {
  EventSet events;
  for (const TypedRule& rule : rules) events.add(event_types(rule.logic));
  return events;
}

bool check_output(const Output& output, Problems& problems) {
  const std::size_t before = problems.errors();
  Checker checker(problems);
  for (const OutputPart& part : output.parts) (void)typed_part(part, checker);
  return problems.errors() == before;
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
