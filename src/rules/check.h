// SPDX-License-Identifier: Apache-2.0
//
// From the tree of a condition to its typed form: every field found in the schema, every value read
// once as what the field is, every operator held against the types. Each error says where, what was
// expected, what stands there; several in one run.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "rules/ast.h"
#include "rules/problems.h"
#include "rules/typed.h"

namespace gancho::rules {

// Of conditions that are evaluated together. Macros and lists have been written out.
class Checker {
 public:
  // `problems` must outlive it. A name of a host that is not in `hosts` is that of no address.
  explicit Checker(Problems& problems, HostNames hosts = {}) : problems_(problems) {
    terms_.hosts = std::move(hosts);
  }

  // nullopt when there is a problem.
  [[nodiscard]] std::optional<Logic> condition(const Condition& condition);
  // An operand that something else than a condition asks for; k_none when there is a problem.
  [[nodiscard]] Index operand(const Condition& condition, Index index);

  [[nodiscard]] Terms finish() && { return std::move(terms_); }

 private:
  // How a field is meant where it stands.
  // list: nothing else will do; values: its values one by one, when it has several.
  enum class As : std::uint8_t { plain, list, values, mode_names, address };

  void no_comparison(const Value& word);
  [[nodiscard]] Index comparison(const Comparison& comparison);
  [[nodiscard]] TypedComparison checked(const Comparison& comparison);
  void with_field(const Comparison& comparison, TypedComparison& made);
  void with_values(const Comparison& comparison, TypedComparison& made);
  void with_hosts(const Comparison& comparison, TypedComparison& made);
  [[nodiscard]] Index operand(Index index, As as);
  [[nodiscard]] As as_compared(Index index, Operator op) const;
  [[nodiscard]] Index add(TypedOperand operand);
  [[nodiscard]] Index field(const Operand& operand, As as);
  [[nodiscard]] Index transformer(const Operand& operand);
  [[nodiscard]] bool options(const Operand& operand, TypedOperand& made);
  [[nodiscard]] bool is_mode(Index index) const;
  [[nodiscard]] std::size_t text_bound(Index index) const;
  [[nodiscard]] std::size_t own_need(Index index) const;
  void need_arena(std::size_t bytes, const Span& at);
  void bound_room(std::size_t bytes, const Span& at);
  [[nodiscard]] bool stopped() const;
  Index error(const Span& at, std::string message);

  Problems& problems_;
  Terms terms_;
  std::map<std::pair<As, std::string>, Index> operands_;  // by their texts
  std::unordered_map<std::string, Index> comparisons_;    // likewise
  std::size_t regexes_ = 0;
  std::size_t instructions_ = 0;          // that they were compiled to
  std::size_t errors_ = 0;                // of the condition that is looked at
  const Condition* condition_ = nullptr;  // this one
  bool shown_ = false;                    // it is what an output shows
};

// Of one that stands alone.
[[nodiscard]] std::optional<TypedCondition> check_condition(const Condition& condition,
                                                            Problems& problems,
                                                            HostNames hosts = {});

}  // namespace gancho::rules
