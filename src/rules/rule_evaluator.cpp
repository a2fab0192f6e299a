// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_evaluator.h"

#include <bit>
#include <utility>

namespace gancho::rules {

RuleEvaluator::RuleEvaluator(TypedRules rules, Matching matching, const Facts& facts)
    : rules_(std::make_unique<TypedRules>(std::move(rules))),
      matching_(matching),
      values_(std::make_unique<TermValues>(rules_->terms, facts)) {
  const std::size_t types = event_type_count();
  by_type_.reserve(types);
  for (std::size_t type = 0; type < types; ++type)
    by_type_.emplace_back(*rules_, static_cast<std::uint16_t>(type));
  left_.reserve(rules_->rules.size() / 64 + 1);
  fired_.reserve(rules_->rules.size());
}

std::span<const Index> RuleEvaluator::evaluate(const EventView& event) {
  fired_.clear();
  const std::uint16_t type = event.desc().type;
  if (type >= by_type_.size() || by_type_[type].rules().empty()) return {};
  const RuleIndex& index = by_type_[type];
  values_->begin(event);
  index.candidates(*values_, left_);
  for (std::size_t word = 0; word < left_.size(); ++word)
    for (std::uint64_t bits = left_[word]; bits != 0; bits &= bits - 1) {
      const Index rule = index.rules()[word * 64 + static_cast<unsigned>(std::countr_zero(bits))];
      if (!values_->matches(rules_->rules[rule].logic)) continue;
      fired_.push_back(rule);
      if (matching_ == Matching::first) return fired_;
    }
  return fired_;
}

}  // namespace gancho::rules
