// SPDX-License-Identifier: Apache-2.0
//
// What an event answers to the terms of conditions: values of operands, truths of comparisons, each
// found when it is asked for first and kept until the next event. Nothing is allocated, but what
// RE2 keeps of its automata, once and bounded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "event/view.h"
#include "rules/arena.h"
#include "rules/field_reader.h"
#include "rules/text_change.h"
#include "rules/truth.h"
#include "rules/typed.h"

namespace gancho::rules {

// One thread at a time.
class TermValues {
 public:
  // Both must outlive it.
  TermValues(const Terms& terms, const Facts& facts);
  TermValues(const TermValues&) = delete;
  TermValues& operator=(const TermValues&) = delete;

  // The event must stay as it is until the next call. With a change, values are those that are
  // shown, which no condition is to be asked with.
  void begin(const EventView& event, const TextChange* change = nullptr);

  [[nodiscard]] Truth truth(Index comparison) {
    Known& known = truths_[comparison];
    if (known.event != events_) known = {events_, compare(terms_.comparisons[comparison])};
    return known.truth;
  }
  // Does that logic's condition match?
  [[nodiscard]] bool matches(const Logic& logic) {
    std::uint32_t at = 0;
    while (at < logic.steps.size()) {
      const Step& step = logic.steps[at];
      at = truth(step.comparison) == truth_of(step.wanted) ? step.when_so : step.otherwise;
    }
    return at == Step::k_match;
  }
  // Of an operand that has not several values.
  [[nodiscard]] Found value(Index operand, Cell& cell) {
    const Slot& one = slot(operand);
    cell = one.cell;
    return one.found;
  }
  // Of one that may have; false: unknown. Good until the next call.
  [[nodiscard]] bool values(Index operand, std::span<const Cell>& found);

  [[nodiscard]] const Terms& terms() const { return terms_; }

 private:
  struct Slot {
    std::uint64_t event = 0;
    Found found = Found::unknown;
    Cell cell;
  };
  struct Known {
    std::uint64_t event = 0;
    Truth truth = Truth::unknown;
  };

  [[nodiscard]] Truth compare(const TypedComparison& comparison);
  [[nodiscard]] Truth by_type(const std::vector<TypeTruth>& truths) const;
  // The values of an operand; a span of one slot, or of `cells`, which it fills. False: unknown.
  [[nodiscard]] bool values(Index index, std::vector<Cell>& cells, std::span<const Cell>& found);
  [[nodiscard]] bool collect(const TypedOperand& operand, std::vector<Cell>& cells);
  [[nodiscard]] const Slot& slot(Index index);
  [[nodiscard]] Found read(const TypedOperand& operand, Cell& cell);
  [[nodiscard]] Found transform(const TypedOperand& operand, Cell& cell);
  [[nodiscard]] bool change(Transformer transformer, Cell& cell);
  [[nodiscard]] Found join(const TypedOperand& operand, Cell& cell);
  [[nodiscard]] Found concatenate(const TypedOperand& operand, Cell& cell);
  [[nodiscard]] bool options(const TypedOperand& operand, std::vector<Cell>& cells);
  // Where texts are written to, from now on.
  void write_to(Arena& arena) {
    arena_ = &arena;
    reader_.write_to(arena);
  }

  const Terms& terms_;
  Arena lasting_;             // of the event
  Arena scratch_;             // of what a comparison collects
  Arena* arena_ = &lasting_;  // one of both
  FieldReader reader_;
  std::vector<Slot> slots_;    // by operand
  std::vector<Known> truths_;  // by comparison
  std::vector<Cell> left_;
  std::vector<Cell> right_;
  std::vector<Cell> list_;       // of join, len
  std::vector<Cell> arguments_;  // of getopt
  const EventView* event_ = nullptr;
  std::uint64_t events_ = 0;  // looked at
};

}  // namespace gancho::rules
