// SPDX-License-Identifier: Apache-2.0
#include "rules/evaluate.h"

#include <utility>

namespace gancho::rules {

EventSet event_types(const Logic& logic) {
  EventSet types;
  for (std::size_t type = 0; type < logic.possible.size(); ++type)
    if (logic.possible[type]) types.add(static_cast<std::uint16_t>(type));
  return types;
}

Evaluator::Evaluator(TypedCondition condition, const Facts& facts)
    : condition_(std::make_unique<TypedCondition>(std::move(condition))),
      values_(std::make_unique<TermValues>(condition_->terms, facts)) {}

bool Evaluator::matches(const EventView& event) {
  const Logic& logic = condition_->logic;
  const std::uint16_t type = event.desc().type;
  if (type >= logic.possible.size() || !logic.possible[type]) return false;
  values_->begin(event);
  return values_->matches(logic);
}

}  // namespace gancho::rules
