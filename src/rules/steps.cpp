// SPDX-License-Identifier: Apache-2.0
#include "rules/steps.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "event/names.h"
#include "event/room.h"
#include "rules/relation.h"

namespace gancho::rules {
namespace {

template <class Visit>
void for_each_event(const Visit& visit) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) visit(*room, event);
}

bool has_call(const EventDesc& event) {
  return std::ranges::any_of(
      event.fields, [](const FieldDesc& field) { return field.type == FieldType::syscall; });
}

std::vector<TypeTruth> truths_of(const Terms& terms, const TypedComparison& comparison) {
  std::vector<TypeTruth> truths(event_type_count());
  for_each_event([&](const Room& room, const EventDesc& event) {
    std::vector<Cell> names;
    for (const std::string_view name : event_aliases(event.type)) names.push_back({.text = name});
    TypeTruth& truth = truths[event.type];
    truth.usual = holds(terms, comparison, names);
    if (!has_call(event)) return;
    for (const std::string_view call : calls_of(room, event)) {
      names.push_back({.text = call});
      const bool with_call = holds(terms, comparison, names);
      names.pop_back();
      if (with_call == truth.usual) continue;
      const SyscallNumbers numbers = syscall_numbers(call);
      if (numbers.table_64)
        truth.otherwise.push_back(syscall_id(k_syscall_table_64, *numbers.table_64));
      if (numbers.table_32)
        truth.otherwise.push_back(syscall_id(k_syscall_table_32, *numbers.table_32));
    }
    std::ranges::sort(truth.otherwise);
  });
  return truths;
}

// May an event of this type have the operand?
bool supplied(const Terms& terms, Index index, std::uint16_t type) {
  // Arguments stand before what they are arguments of, never deeper than k_most_transformers.
  const TypedOperand& operand = terms.operands[index];
  if (operand.kind == OperandKind::field) return operand.field.supplied_by(type);
  return std::ranges::all_of(operand.arguments,
                             [&](Index argument) { return supplied(terms, argument, type); });
}

// System calls that comparisons of evt.type do not tell from each other: those for which these
// comparisons are not as usual.
using CallKind = std::vector<Index>;

// Telling more of them apart takes longer than it is worth.
constexpr std::size_t k_most_kinds = 64;
constexpr std::size_t k_most_calls = 20'000;  // of all comparisons together

// All kinds by which an event of this type may have come, for comparisons of evt.type. nullopt: too
// many.
std::optional<std::set<CallKind>> kinds_of_calls(const std::set<Index>& comparisons,
                                                 const Terms& terms, std::uint16_t type) {
  std::map<std::uint64_t, CallKind> by_call;
  std::size_t calls = 0;
  for (const Index place : comparisons) {
    const Index types = terms.comparisons[place].types;
    const std::vector<std::uint64_t>& otherwise = terms.type_truths[types][type].otherwise;
    calls += otherwise.size();
    if (calls > k_most_calls) return std::nullopt;
    for (const std::uint64_t call : otherwise) by_call[call].push_back(place);
  }
  std::set<CallKind> kinds{CallKind{}};  // the call of a record may also be one of no name
  for (CallKind& kind : by_call | std::views::values) kinds.insert(std::move(kind));
  if (kinds.size() > k_most_kinds) return std::nullopt;
  return kinds;
}

// May it be `wanted` for an event of this type, that came by this kind of call, or, nullptr, by
// any? Where it is unknown it is neither.
bool may_be(const Terms& terms, Index place, bool wanted, std::uint16_t type,
            const CallKind* kind) {
  const TypedComparison& comparison = terms.comparisons[place];
  if (comparison.types != k_none) {
    const TypeTruth& truth = terms.type_truths[comparison.types][type];
    if (kind == nullptr) return truth.usual == wanted || !truth.otherwise.empty();
    return (truth.usual != std::ranges::binary_search(*kind, place)) == wanted;
  }
  const TypedOperand& left = terms.operands[comparison.left];
  if (left.kind == OperandKind::field && left.field.reading == Reading::constant &&
      comparison.right == k_none && comparison.op != Operator::exists) {
    const Cell always{.text = left.field.constant, .number = Number::of(1)};
    return holds(terms, comparison, std::span(&always, 1)) == wanted;
  }
  if (comparison.op == Operator::exists && !wanted) return true;
  return supplied(terms, comparison.left, type) &&
         (comparison.right == k_none || supplied(terms, comparison.right, type));
}

struct Visit {
  Index node;
  bool negated;
  std::uint32_t first;  // step of its first comparison
  std::uint32_t when_so;
  std::uint32_t otherwise;
};

std::vector<std::uint32_t> count_comparisons(const Condition& condition) {
  std::vector<std::uint32_t> counts(condition.nodes.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Node& node = condition.nodes[i];
    if (node.kind == NodeKind::comparison) counts[i] = 1;
    if (node.kind == NodeKind::comparison || node.kind == NodeKind::macro) continue;
    for (const Index child : condition.children_of(node)) counts[i] += counts[child];
  }
  return counts;
}

std::vector<Step> make_steps(const Condition& condition, std::span<const Index> places) {
  const std::vector<std::uint32_t> counts = count_comparisons(condition);
  std::vector<Step> steps(counts.back());
  std::vector<Visit> open{{condition.root(), false, 0, Step::k_match, Step::k_no_match}};
  while (!open.empty()) {
    const Visit visit = open.back();
    open.pop_back();
    const Node& node = condition.nodes[visit.node];
    if (node.kind == NodeKind::comparison) {
      steps[visit.first] = {.comparison = places[node.parts.first],
                            .wanted = !visit.negated,
                            .when_so = visit.when_so,
                            .otherwise = visit.otherwise};
      continue;
    }
    const auto children = condition.children_of(node);
    if (node.kind == NodeKind::negation) {
      open.push_back({children[0], !visit.negated, visit.first, visit.when_so, visit.otherwise});
      continue;
    }
    // By De Morgan: not (a and b) is (not a or not b).
    const bool all = (node.kind == NodeKind::all) != visit.negated;
    std::uint32_t first = visit.first;
    for (const Index child : children) {
      const std::uint32_t next = first + counts[child];
      const bool last = child == children.back();
      open.push_back({child, visit.negated, first, all && !last ? next : visit.when_so,
                      !all && !last ? next : visit.otherwise});
      first = next;
    }
  }
  return steps;
}

std::vector<bool> possible_types(const Condition& condition, std::span<const Index> places,
                                 const Terms& terms) {
  // Of each node: may it be true, may it be untrue, for the type? Children stand before parents.
  std::vector<bool> may_be_so(condition.nodes.size());
  std::vector<bool> may_not(condition.nodes.size());
  const auto may_match = [&](std::uint16_t type, const CallKind* kind) {
    for (std::size_t i = 0; i < condition.nodes.size(); ++i) {
      const Node& node = condition.nodes[i];
      if (node.kind == NodeKind::comparison) {
        may_be_so[i] = may_be(terms, places[node.parts.first], true, type, kind);
        may_not[i] = may_be(terms, places[node.parts.first], false, type, kind);
        continue;
      }
      const auto children = condition.children_of(node);
      const auto so = [&](Index child) { return may_be_so[child]; };
      const auto not_so = [&](Index child) { return may_not[child]; };
      if (node.kind == NodeKind::negation) {
        may_be_so[i] = not_so(children[0]);
        may_not[i] = so(children[0]);
      } else if (node.kind == NodeKind::all) {
        may_be_so[i] = std::ranges::all_of(children, so);
        may_not[i] = std::ranges::any_of(children, not_so);
      } else {
        may_be_so[i] = std::ranges::any_of(children, so);
        may_not[i] = std::ranges::all_of(children, not_so);
      }
    }
    return bool{may_be_so[condition.root()]};
  };
  std::set<Index> by_type;
  for (const Index place : places)
    if (terms.comparisons[place].types != k_none) by_type.insert(place);
  std::vector<bool> possible(event_type_count());
  for_each_event([&](const Room&, const EventDesc& event) {
    const auto kinds = kinds_of_calls(by_type, terms, event.type);
    possible[event.type] =
        kinds ? std::ranges::any_of(
                    *kinds, [&](const CallKind& kind) { return may_match(event.type, &kind); })
              : may_match(event.type, nullptr);
  });
  return possible;
}

// The steps that have no other way to a match around them: each leads to the next of them, or to
// the match, and whatever else happens there is the end.
std::vector<Needed> needed_by(std::span<const Step> steps) {
  std::vector<Needed> needed;
  // A step that no earlier one can jump over is on every way.
  std::uint32_t reached = 0;
  for (std::uint32_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (reached <= at && step.otherwise == Step::k_no_match)
      needed.push_back({.comparison = step.comparison, .wanted = step.wanted});
    for (const std::uint32_t next : {step.when_so, step.otherwise})
      if (next != Step::k_no_match) reached = std::max(reached, next);
  }
  return needed;
}

}  // namespace

std::vector<std::string_view> calls_of(const Room& room, const EventDesc& event) {
  const auto known = syscall_names();
  if (event.by_call) return {known.begin(), known.end()};
  std::vector<std::string_view> calls;
  for (const OperationDesc& operation : room.operations) {
    if (operation.event != event.type) continue;
    std::string_view rest = operation.calls;
    while (!rest.empty()) {
      const std::size_t end = rest.find_first_of(",; ");
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (std::ranges::binary_search(known, word)) calls.push_back(word);
    }
  }
  return calls;
}

Logic make_logic(const Condition& condition, std::span<const Index> places, const Terms& terms) {
  Logic logic;
  logic.steps = make_steps(condition, places);
  logic.possible = possible_types(condition, places, terms);
  logic.needed = needed_by(logic.steps);
  return logic;
}

void decide_by_type(TypedComparison& comparison, Terms& terms) {
  const TypedOperand& left = terms.operands[comparison.left];
  if (left.kind != OperandKind::field || left.field.reading != Reading::event_names ||
      comparison.right != k_none || comparison.op == Operator::exists)
    return;
  terms.type_truths.push_back(truths_of(terms, comparison));
  comparison.types = static_cast<Index>(terms.type_truths.size() - 1);
}

}  // namespace gancho::rules
