// SPDX-License-Identifier: Apache-2.0
//
// Does a condition hold for an event? Three-valued (rules/truth.h): it matches when the answer is
// yes.
#pragma once

#include <memory>

#include "event/event_set.h"
#include "event/room.h"
#include "event/view.h"
#include "rules/term_values.h"
#include "rules/typed.h"

namespace gancho::rules {

// The events for which it may match; any other it does not, whatever it holds.
[[nodiscard]] EventSet event_types(const Logic& logic);

// Of one condition that stands alone. One thread at a time.
class Evaluator {
 public:
  // `facts` must outlive it.
  Evaluator(TypedCondition condition, const Facts& facts);

  [[nodiscard]] bool matches(const EventView& event);

  [[nodiscard]] const TypedCondition& condition() const { return *condition_; }

 private:
  std::unique_ptr<TypedCondition> condition_;
  std::unique_ptr<TermValues> values_;
};

}  // namespace gancho::rules
