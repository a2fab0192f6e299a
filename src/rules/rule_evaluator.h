// SPDX-License-Identifier: Apache-2.0
//
// Which rules fire for an event.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "event/room.h"
#include "event/view.h"
#include "rules/matching.h"
#include "rules/rule_index.h"
#include "rules/term_values.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// One thread at a time. Nothing is allocated while an event is evaluated.
class RuleEvaluator {
 public:
  // `facts` must outlive it.
  RuleEvaluator(TypedRules rules, Matching matching, const Facts& facts);

  // Indices of the rules that fire; good until the next call. The event must stay as it is while
  // values() is asked.
  [[nodiscard]] std::span<const Index> evaluate(const EventView& event);

  [[nodiscard]] const TypedRules& rules() const { return *rules_; }
  // Of the event that was evaluated last.
  [[nodiscard]] TermValues& values() { return *values_; }

 private:
  std::unique_ptr<TypedRules> rules_;
  Matching matching_;
  std::unique_ptr<TermValues> values_;
  std::vector<RuleIndex> by_type_;
  RuleBits left_;
  std::vector<Index> fired_;
};

}  // namespace gancho::rules
