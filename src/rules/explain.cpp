// SPDX-License-Identifier: Apache-2.0
#include "rules/explain.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/quote.h"
#include "event/room.h"
#include "rules/cost.h"
#include "rules/print.h"
#include "rules/rule_index.h"
#include "rules/wanted_events.h"

namespace gancho::rules {
namespace {

// The comparisons of a condition in the order of its steps, which is that of the text.
std::vector<Index> comparisons_in_order(const Condition& condition) {
  std::vector<Index> order;
  std::vector<Index> open{condition.root()};
  while (!open.empty()) {
    const Node& node = condition.nodes[open.back()];
    open.pop_back();
    if (node.kind == NodeKind::comparison) {
      order.push_back(node.parts.first);
      continue;
    }
    const auto children = condition.children_of(node);
    open.insert(open.end(), children.rbegin(), children.rend());
  }
  return order;
}

std::string as_wanted(bool wanted, std::string text) {
  return wanted ? std::move(text) : "not " + text;
}

// An operand as a condition has it: "tolower(proc.aname[2])".
std::string operand_text(const Terms& terms, Index index) {  // NOLINT(misc-no-recursion)
  // As deep as transformers stand in each other: k_most_transformers.
  const TypedOperand& operand = terms.operands[index];
  if (operand.kind == OperandKind::field) return operand.field.name;
  if (operand.kind == OperandKind::text) return in_quotes(operand.text);
  std::string text(describe(operand.transformer).word);
  for (const Index argument : operand.arguments)
    text += (argument == operand.arguments.front() ? "(" : ", ") + operand_text(terms, argument);
  return text + ")";
}

// The text of a comparison of the typed form, from the first rule that has it.
using ComparisonTexts = std::map<Index, std::string>;

// --- fields ---

// The fields that an operand is made of.
void add_fields(const Terms& terms, Index operand, std::set<Index>& fields) {
  std::vector<Index> open{operand};
  while (!open.empty()) {
    const Index index = open.back();
    open.pop_back();
    const TypedOperand& one = terms.operands[index];
    if (one.kind == OperandKind::field) fields.insert(index);
    open.insert(open.end(), one.arguments.begin(), one.arguments.end());
  }
}

std::set<Index> fields_of_condition(const Terms& terms, const Logic& logic) {
  std::set<Index> fields;
  for (const Step& step : logic.steps) {
    const TypedComparison& comparison = terms.comparisons[step.comparison];
    if (comparison.types != k_none) continue;
    add_fields(terms, comparison.left, fields);
    if (comparison.right != k_none) add_fields(terms, comparison.right, fields);
  }
  return fields;
}

std::set<Index> fields_of_output(const Terms& terms, const TypedRule& rule) {
  std::set<Index> fields;
  for (const TypedOutputPart& part : rule.output)
    if (part.operand != k_none) add_fields(terms, part.operand, fields);
  return fields;
}

void take(const FieldDesc* desc, UsedField& used) {
  if (desc == nullptr) return;
  if (!used.phase || desc->phase == Phase::after) used.phase = desc->phase;
  if (!used.cost || desc->cost > *used.cost) used.cost = desc->cost;
}

void take(const Field& field, std::uint16_t type, UsedField& used) {
  const FieldRows& rows = field.rows[type];
  take(rows.first, used);
  take(rows.second, used);
  if (field.of_process && rows.first == nullptr) used.from_processes = true;
}

// As far as events of the types have them, by name.
std::vector<UsedField> used_fields(const Terms& terms, const std::set<Index>& asked,
                                   const std::set<Index>& shown,
                                   const std::vector<std::uint16_t>& types) {
  std::map<std::string, UsedField, std::less<>> by_name;
  for (const auto* indices : {&asked, &shown})
    for (const Index index : *indices) {
      const Field& field = terms.operands[index].field;
      for (const std::uint16_t type : types) {
        if (!field.supplied_by(type)) continue;
        auto& used = by_name
                         .try_emplace(field.name, UsedField{.name = field.name,
                                                            .phase = {},
                                                            .cost = {},
                                                            .output_only = indices == &shown})
                         .first->second;
        take(field, type, used);
      }
    }
  std::vector<UsedField> fields;
  for (auto& [name, used] : by_name) fields.push_back(std::move(used));
  return fields;
}

// --- rules ---

std::vector<std::uint16_t> types_of(const Logic& logic) {
  std::vector<std::uint16_t> types;
  for (std::size_t type = 0; type < logic.possible.size(); ++type)
    if (logic.possible[type]) types.push_back(static_cast<std::uint16_t>(type));
  return types;
}

std::vector<std::size_t> count_askers(const TypedRules& typed) {
  std::vector<std::size_t> askers(typed.terms.comparisons.size());
  for (const TypedRule& rule : typed.rules) {
    std::set<Index> own;
    for (const Step& step : rule.logic.steps) own.insert(step.comparison);
    for (const Index comparison : own) ++askers[comparison];
  }
  return askers;
}

void explain_steps(const TypedRules& typed, const TypedRule& rule,
                   const std::vector<std::size_t>& askers, ComparisonTexts& texts,
                   ExplainedRule& made) {
  const std::vector<Index> order = comparisons_in_order(made.rule->condition);
  std::set<Index> read;
  for (std::size_t i = 0; i < rule.logic.steps.size(); ++i) {
    const Step& step = rule.logic.steps[i];
    const Condition& condition = made.rule->condition;
    std::string text = print_comparison(condition, condition.comparisons[order[i]]);
    texts.try_emplace(step.comparison, text);
    const TypedComparison& comparison = typed.terms.comparisons[step.comparison];
    ExplainedStep& one = made.steps.emplace_back();
    one.asks = as_wanted(step.wanted, std::move(text));
    one.by_type = comparison.types != k_none;
    one.holds = step.when_so;
    one.otherwise = step.otherwise;
    one.others = askers[step.comparison] - 1;
    one.ns = step_ns(typed.terms, comparison, read);
    if (!one.by_type && made.first_ns == 0) made.first_ns = one.ns;
    made.all_ns += one.ns;
  }
}

// Not what comes by a visit only, or by calls that no rule names.
bool is_watched(const EventDesc& event, const std::vector<std::string>& watched) {
  return std::ranges::any_of(
      watched, [&](std::string_view word) { return word.substr(0, word.find(':')) == event.name; });
}

ExplainedRule explain_rule(const Rule& rule, const TypedRules& typed, const TypedRule* found,
                           const std::vector<std::string>& watched,
                           const std::vector<std::size_t>& askers, ComparisonTexts& texts) {
  ExplainedRule made{.rule = &rule, .why_not = {}, .events = {}, .fields = {}, .steps = {}};
  if (found == nullptr) {
    made.why_not = rule.enabled ? rule.disabled : "its file says so (enabled: false)";
    return made;
  }
  std::vector<std::uint16_t> types = types_of(found->logic);
  std::erase_if(types, [&](std::uint16_t type) {
    const EventDesc* const event = find_event(type);
    return event == nullptr || !is_watched(*event, watched);
  });
  for (const std::uint16_t type : types) made.events.push_back(find_event(type));
  made.fields = used_fields(typed.terms, fields_of_condition(typed.terms, found->logic),
                            fields_of_output(typed.terms, *found), types);
  explain_steps(typed, *found, askers, texts, made);
  return made;
}

ExplainedEvent explain_event(const EventDesc& event, const TypedRules& typed,
                             const ComparisonTexts& texts) {
  ExplainedEvent made{
      .event = &event, .rules = {}, .fields = {}, .left_out = {}, .look_ups = {}, .asked = {}};
  made.left_out = left_out(event, on_demand(typed.terms));
  const RuleIndex index(typed, event.type);
  made.rules.assign(index.rules().begin(), index.rules().end());
  std::set<Index> asked;
  std::set<Index> shown;
  for (const Index place : made.rules) {
    asked.merge(fields_of_condition(typed.terms, typed.rules[place].logic));
    shown.merge(fields_of_output(typed.terms, typed.rules[place]));
  }
  made.fields = used_fields(typed.terms, asked, shown, {event.type});
  const RuleIndex::Summary summary = index.summary();
  for (const RuleIndex::Summary::LookUp& one : summary.look_ups)
    made.look_ups.push_back({.operand = operand_text(typed.terms, one.operand),
                             .part = one.part,
                             .texts = one.texts,
                             .rules = one.rules});
  for (const RuleIndex::Summary::Asked& one : summary.asked)
    made.asked.push_back(
        {.comparison = as_wanted(one.needed.wanted, texts.at(one.needed.comparison)),
         .rules = one.rules});
  return made;
}

}  // namespace

Explanation explain(const RuleSet& set, const TypedRules& typed) {
  Explanation made;
  made.watched = wanted_events(typed);
  made.needs_processes = typed.terms.needs_processes;
  made.environments = on_demand(typed.terms).environment;
  const std::vector<std::size_t> askers = count_askers(typed);
  ComparisonTexts texts;
  // Those that run stand in both in the same order.
  auto next = typed.rules.begin();
  for (const Rule& rule : set.rules) {
    const bool runs = rule.runs() && next != typed.rules.end();
    made.rules.push_back(
        explain_rule(rule, typed, runs ? &*next : nullptr, made.watched, askers, texts));
    if (runs) ++next;
  }
  const EventSet events = typed.events();
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (events.contains(event.type) && is_watched(event, made.watched))
        made.events.push_back(explain_event(event, typed, texts));
  return made;
}

}  // namespace gancho::rules
