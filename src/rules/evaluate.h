// SPDX-License-Identifier: Apache-2.0
//
// Does a condition hold for an event? Three-valued (rules/truth.h): it matches when the answer is
// yes. Nothing is allocated while it is evaluated, but what RE2 keeps of its automata, once and
// bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "event/event_set.h"
#include "event/room.h"
#include "event/view.h"
#include "rules/arena.h"
#include "rules/field_reader.h"
#include "rules/truth.h"
#include "rules/typed.h"

namespace gancho::rules {

// The events for which it may match; any other it does not, whatever it holds.
[[nodiscard]] EventSet event_types(const TypedCondition& condition);

// One thread at a time.
class Evaluator {
 public:
  // `facts` must outlive it.
  Evaluator(TypedCondition condition, const Facts& facts);

  [[nodiscard]] bool matches(const EventView& event);

  [[nodiscard]] const TypedCondition& condition() const { return condition_; }

 private:
  // Of an operand that has one value, for the event that is looked at.
  struct Slot {
    std::uint64_t event = 0;
    Found found = Found::unknown;
    Cell cell;
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

  TypedCondition condition_;
  std::unique_ptr<Arena> arena_;
  FieldReader reader_;
  std::vector<Slot> slots_;  // by operand
  std::vector<Cell> left_;
  std::vector<Cell> right_;
  std::vector<Cell> list_;       // of join, len
  std::vector<Cell> arguments_;  // of getopt
  const EventView* event_ = nullptr;
  std::uint64_t events_ = 0;  // looked at
};

}  // namespace gancho::rules
