// SPDX-License-Identifier: Apache-2.0
#include "rules/never.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "event/room.h"
#include "rules/event_words.h"
#include "rules/steps.h"

namespace gancho::rules {
namespace {

// More would tell nobody anything.
constexpr std::size_t k_most_events = 4;

bool any(const std::vector<bool>& types) {
  return std::ranges::find(types, true) != types.end();
}

std::vector<bool> among(const EventSet& events, std::vector<bool> types) {
  for (std::size_t type = 0; type < types.size(); ++type)
    types[type] = types[type] && events.contains(static_cast<std::uint16_t>(type));
  return types;
}

// Where the comparisons of the tree stand among the typed ones: the steps are in their order.
std::vector<Index> places_of(const Condition& condition, const Logic& logic) {
  std::vector<Index> places(condition.comparisons.size());
  std::size_t step = 0;
  std::vector<Index> open{condition.root()};
  while (!open.empty()) {
    const Node& node = condition.nodes[open.back()];
    open.pop_back();
    if (node.kind == NodeKind::comparison) {
      places[node.parts.first] = logic.steps[step++].comparison;
      continue;
    }
    const auto children = condition.children_of(node);
    for (std::size_t i = children.size(); i-- > 0;) open.push_back(children[i]);
  }
  return places;
}

// What a call changes has its name elsewhere than what a descriptor stands for.
std::string_view instead(std::string_view field, const std::vector<bool>& types) {
  if (field != "fd.name" && field != "fd.directory" && field != "fd.filename") return "";
  for (const std::string_view name : {"fs.path.name", "fs.path.source"}) {
    const auto found = find_field_rows(name, std::nullopt);
    for (std::size_t type = 0; found && type < types.size(); ++type)
      if (types[type] && found->supplied_by(static_cast<std::uint16_t>(type)))
        return name == "fs.path.name" ? ": fs.path.name is"
                                      : ": fs.path.source and fs.path.target are";
  }
  return "";
}

// Of what evt.type is compared with, what no event is called.
std::string no_type(const Condition& condition) {
  std::vector<std::string_view> names;
  for (const Comparison& comparison : condition.comparisons) {
    if (!names_events(condition, comparison)) continue;
    for (const Value& value : condition.values_of(comparison))
      if (!is_event_word(value.text) && std::ranges::find(names, value.text) == names.end())
        names.push_back(value.text);
  }
  if (names.empty() || names.size() > k_most_events)
    return "no event is of a type that it asks for";
  return fmt::format("no event is called {}", fmt::join(names, " or "));
}

}  // namespace

std::string why_never(const Condition& condition, const TypedCondition& typed,
                      const EventSet& events) {
  if (any(among(events, typed.logic.possible))) return "";
  const std::vector<Index> places = places_of(condition, typed.logic);
  // By their type alone: as if every event had every field, and none were always the same.
  Terms terms = typed.terms;
  for (TypedOperand& operand : terms.operands) {
    operand.field.of_process = true;
    if (operand.field.reading == Reading::constant) operand.field.reading = Reading::own;
  }
  const std::vector<bool> of_all = make_logic(condition, places, terms).possible;
  if (!any(of_all)) return no_type(condition);
  const std::vector<bool> by_type = among(events, of_all);
  if (!any(by_type)) return "";
  for (std::size_t i = 0; i < terms.operands.size(); ++i) {
    const Field& always = typed.terms.operands[i].field;
    if (always.reading != Reading::constant) continue;
    terms.operands[i].field.reading = Reading::constant;
    if (any(among(events, make_logic(condition, places, terms).possible))) continue;
    if (always.name == "evt.dir")
      return "evt.dir is always <: a record is made when the call returns; leave evt.dir out";
    return fmt::format("{} is always {}", always.name,
                       always.constant.empty() ? "1" : always.constant);
  }
  std::vector<std::string_view> names;
  for (std::size_t type = 0; type < by_type.size(); ++type)
    if (by_type[type]) names.push_back(find_event(static_cast<std::uint16_t>(type))->name);
  std::string of = "the events that it asks for";
  if (names.size() <= k_most_events) of = fmt::format("{}", fmt::join(names, ", "));
  for (const TypedOperand& operand : typed.terms.operands) {
    if (operand.kind != OperandKind::field) continue;
    bool supplied = false;
    for (std::size_t type = 0; type < by_type.size(); ++type)
      supplied = supplied ||
                 (by_type[type] && operand.field.supplied_by(static_cast<std::uint16_t>(type)));
    if (!supplied)
      return fmt::format("{} is not recorded of {}{}", operand.field.name, of,
                         instead(operand.field.name, by_type));
  }
  return fmt::format("no single one of {} records all that it compares", of);
}

}  // namespace gancho::rules
