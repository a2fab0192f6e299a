// SPDX-License-Identifier: Apache-2.0
#include "rules/wanted_events.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "event/names.h"
#include "event/room.h"
#include "rules/evaluate.h"
#include "rules/steps.h"

namespace gancho::rules {
namespace {

// Calls that an event of their own tells of.
std::set<std::string_view> told_by_events() {
  std::set<std::string_view> told;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      if (event.by_call) continue;
      for (const std::string_view call : calls_of(*room, event)) told.insert(call);
      for (const std::string_view name : event_aliases(event.type)) told.insert(name);
    }
  return told;
}

// The calls by name that a rule may match, when it names some: one that names none does not want
// every call of the machine.
void add_calls(const Terms& terms, const Logic& logic, const EventDesc& event,
               std::set<std::string_view>& calls) {
  for (const Needed& needed : logic.needed) {
    const TypedComparison& comparison = terms.comparisons[needed.comparison];
    if (comparison.types == k_none) continue;
    const TypeTruth& truth = terms.type_truths[comparison.types][event.type];
    if (truth.usual == needed.wanted) continue;
    for (const std::string_view name : syscall_names()) {
      const SyscallNumbers numbers = syscall_numbers(name);
      if (numbers.table_64 &&
          std::ranges::binary_search(truth.otherwise,
                                     syscall_id(k_syscall_table_64, *numbers.table_64)))
        calls.insert(name);
    }
  }
}

}  // namespace

std::vector<std::string> wanted_events(const TypedRules& rules) {
  std::vector<std::string> words;
  const EventSet events = rules.events();
  const std::set<std::string_view> told = told_by_events();
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      if (!events.contains(event.type)) continue;
      if (!event.by_call) {
        const auto about = std::ranges::find(room->operations, event.type, &OperationDesc::event);
        const bool visit = about != room->operations.end() && about->entries == entry::visit;
        if (!visit) words.emplace_back(event.name);
        continue;
      }
      std::set<std::string_view> calls;
      for (const TypedRule& rule : rules.rules) add_calls(rules.terms, rule.logic, event, calls);
      for (const std::string_view call : calls)
        if (!told.contains(call))
          words.push_back(std::string(event.name) + ":" + std::string(call));
    }
  return words;
}

OnDemand on_demand(const Terms& terms) {
  OnDemand asked;
  for (const TypedOperand& operand : terms.operands) {
    if (operand.kind != OperandKind::field) continue;
    for (std::size_t type = 0; type < operand.field.rows.size(); ++type)
      for (const FieldDesc* desc :
           {operand.field.rows[type].first, operand.field.rows[type].second})
        if (desc != nullptr) asked.add(*desc, static_cast<std::uint16_t>(type));
  }
  return asked;
}

std::vector<std::string_view> left_out(const EventDesc& event, const OnDemand& asked) {
  const bool no_paths =
      !asked.paths.contains(event.type) && !events_named("process").contains(event.type);
  std::vector<std::string_view> names;
  for (const FieldDesc& field : event.fields) {
    const bool path = reads_path(field) && field.type != FieldType::path_flag;
    const bool environment = field.of_environment && field.type != FieldType::flag;
    if ((path && no_paths) || (environment && !asked.environment)) names.push_back(field.name);
  }
  return names;
}

}  // namespace gancho::rules
