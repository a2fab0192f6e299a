// SPDX-License-Identifier: Apache-2.0
#include "rules/term_values.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "rules/getopt.h"
#include "rules/relation.h"

namespace gancho::rules {

TermValues::TermValues(const Terms& terms, const Facts& facts)
    : terms_(terms),
      lasting_(terms.arena_bytes),
      scratch_(terms.scratch_bytes),
      reader_(facts, terms.hosts, lasting_),
      slots_(terms.operands.size()),
      truths_(terms.comparisons.size()) {
  for (std::vector<Cell>* cells : {&left_, &right_, &list_, &arguments_})
    cells->reserve(k_values_max);
}

void TermValues::begin(const EventView& event, const TextChange* change) {
  event_ = &event;
  ++events_;
  lasting_.clear();
  reader_.begin(event, change);
}

Truth TermValues::by_type(const std::vector<TypeTruth>& truths) const {
  const TypeTruth& truth = truths[event_->desc().type];
  if (truth.otherwise.empty()) return truth_of(truth.usual);
  const FieldDesc* call = nullptr;
  for (const FieldDesc& field : event_->desc().fields)
    if (field.type == FieldType::syscall) call = &field;
  gancho::Value value;
  const bool other = call != nullptr && event_->get(*call, value) &&
                     std::ranges::binary_search(truth.otherwise, value.number);
  return truth_of(truth.usual != other);
}

Truth TermValues::compare(const TypedComparison& comparison) {
  if (comparison.types != k_none) return by_type(terms_.type_truths[comparison.types]);
  scratch_.clear();
  std::span<const Cell> left;
  const bool known = values(comparison.left, left_, left);
  if (comparison.op == Operator::exists) return truth_of(known && !left.empty());
  if (!known) return Truth::unknown;

  if (comparison.right == k_none) return truth_of(holds(terms_, comparison, left));
  std::span<const Cell> right;
  if (!values(comparison.right, right_, right)) return Truth::unknown;
  const bool related = std::ranges::any_of(right, [&](const Cell& value) {
    return std::ranges::any_of(left, [&](const Cell& cell) {
      return relates(comparison.op, comparison.kind, cell, value);
    });
  });
  return truth_of(related != comparison.negated);
}

bool TermValues::values(Index operand, std::span<const Cell>& found) {
  scratch_.clear();
  return values(operand, left_, found);
}

bool TermValues::values(Index index, std::vector<Cell>& cells, std::span<const Cell>& found) {
  const TypedOperand& operand = terms_.operands[index];
  if (operand.several) {
    cells.clear();
    write_to(scratch_);
    const bool known = collect(operand, cells);
    write_to(lasting_);
    found = cells;
    return known;
  }
  const Slot& one = slot(index);
  if (one.found == Found::one) found = std::span(&one.cell, 1);
  return one.found != Found::unknown;
}

const TermValues::Slot& TermValues::slot(Index index) {  // NOLINT(misc-no-recursion)
  Slot& slot = slots_[index];
  if (slot.event == events_) return slot;
  slot.event = events_;
  // It stays, whatever asks for it.
  Arena& before = *arena_;
  write_to(lasting_);
  slot.found = read(terms_.operands[index], slot.cell);
  write_to(before);
  return slot;
}

// As deep as transformers stand in each other: k_most_transformers.
Found TermValues::read(const TypedOperand& operand, Cell& cell) {  // NOLINT(misc-no-recursion)
  switch (operand.kind) {
    case OperandKind::field:
      return reader_.read(operand.field, cell);
    case OperandKind::text:
      cell.text = operand.text;
      return Found::one;
    case OperandKind::transformer:
      return transform(operand, cell);
  }
  return Found::unknown;
}

// The values of one that may have several.
bool TermValues::collect(const TypedOperand& operand,
                         std::vector<Cell>& cells) {  // NOLINT(misc-no-recursion)
  if (operand.kind == OperandKind::field) return reader_.read(operand.field, cells);
  if (operand.transformer == Transformer::getopt) return options(operand, cells);
  if (!collect(terms_.operands[operand.arguments[0]], cells)) return false;
  return std::ranges::all_of(cells, [&](Cell& cell) { return change(operand.transformer, cell); });
}

Found TermValues::transform(const TypedOperand& operand, Cell& cell) {  // NOLINT(misc-no-recursion)
  if (operand.transformer == Transformer::join) return join(operand, cell);
  if (operand.transformer == Transformer::concat) return concatenate(operand, cell);
  const Index argument = operand.arguments[0];
  if (terms_.operands[argument].several) {  // how many there are
    list_.clear();
    if (!collect(terms_.operands[argument], list_)) return Found::unknown;
    cell.number = Number::of(list_.size());
    return Found::one;
  }
  const Slot& of = slot(argument);
  if (of.found != Found::one) return of.found;
  cell = of.cell;
  return change(operand.transformer, cell) ? Found::one : Found::unknown;
}

bool TermValues::change(Transformer transformer, Cell& cell) {
  const std::string_view text = cell.text;
  switch (transformer) {
    case Transformer::tolower:
    case Transformer::toupper: {
      char* const begin = arena_->reserve(text.size());
      if (begin == nullptr) return false;
      char* const end = std::ranges::transform(text, begin, [&](char c) {
                          if (transformer == Transformer::tolower) return lower(c);
                          return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                        }).out;
      arena_->keep(end);
      cell.text = {begin, text.size()};
      return true;
    }
    case Transformer::b64: {
      char* const begin = arena_->reserve(text.size());
      char* const end = begin == nullptr ? nullptr : decode_base64(text, begin);
      if (end == nullptr) return false;
      arena_->keep(end);
      cell.text = {begin, static_cast<std::size_t>(end - begin)};
      return true;
    }
    case Transformer::basename:
      cell.text.remove_prefix(text.rfind('/') + 1);  // npos + 1 is 0
      return true;
    case Transformer::len:
      cell.number = Number::of(text.size());
      return true;
    default:
      return true;
  }
}

Found TermValues::join(const TypedOperand& operand, Cell& cell) {  // NOLINT(misc-no-recursion)
  const Slot& between = slot(operand.arguments[0]);
  if (between.found != Found::one) return Found::unknown;
  list_.clear();
  if (!collect(terms_.operands[operand.arguments[1]], list_)) return Found::unknown;
  std::size_t size = 0;
  for (const Cell& element : list_) size += element.text.size() + between.cell.text.size();
  char* const begin = arena_->reserve(size);
  if (begin == nullptr) return Found::unknown;
  char* out = begin;
  for (const Cell& element : list_) {
    if (&element != list_.data()) out += between.cell.text.copy(out, between.cell.text.size());
    out += element.text.copy(out, element.text.size());
  }
  arena_->keep(out);
  cell.text = {begin, static_cast<std::size_t>(out - begin)};
  return Found::one;
}

Found TermValues::concatenate(const TypedOperand& operand,
                              Cell& cell) {  // NOLINT(misc-no-recursion)
  // All of them first: they make texts of their own.
  std::size_t size = 0;
  for (const Index index : operand.arguments) {
    if (slot(index).found != Found::one) return Found::unknown;
    size += slots_[index].cell.text.size();
  }
  char* const begin = arena_->reserve(size);
  if (begin == nullptr) return Found::unknown;
  char* out = begin;
  for (const Index index : operand.arguments) {
    const std::string_view text = slots_[index].cell.text;
    out += text.copy(out, text.size());
  }
  arena_->keep(out);
  cell.text = {begin, size};
  return Found::one;
}

bool TermValues::options(const TypedOperand& operand,
                         std::vector<Cell>& cells) {  // NOLINT(misc-no-recursion)
  arguments_.clear();
  if (!collect(terms_.operands[operand.arguments[0]], arguments_)) return false;
  for_each_option(
      arguments_, [](const Cell& cell) { return cell.text; }, operand.text,
      [&](std::string_view option, std::string_view value) {
        if (cells.size() == k_values_max) return;
        if (operand.option == '\0')
          cells.push_back({.text = option});
        else if (option.front() == operand.option)
          cells.push_back({.text = value});
      });
  return true;
}

}  // namespace gancho::rules
