// SPDX-License-Identifier: Apache-2.0
//
// A condition as plain data: vectors that refer to each other by index. Nothing here recurses, so
// no file can make it too deep to walk, copy or destroy.
//
//   nodes       the boolean tree in post-order: children stand before their parent, the root is
//   last children    the nodes of `all`, `any` and `negation`, by range comparisons one for each
//   leaf: transformed field, operator, values operands    fields and what is done with them, in
//   post-order too values      what is compared with, by range; and the names of macros
//
// Normal form: no `all` has an `all` as its child, no `any` an `any`, each has two children at
// least, and no negation negates a negation. The order is the one of the text: it is the order of
// evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/operators.h"
#include "rules/span.h"

namespace gancho::rules {

using Index = std::uint32_t;
inline constexpr Index k_none = std::numeric_limits<Index>::max();

struct Range {
  Index first = 0;
  Index count = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

enum class NodeKind : std::uint8_t { all, any, negation, comparison, macro };

struct Node {
  NodeKind kind = NodeKind::comparison;
  Range parts;  // of children; one comparison; one value, which is the macro's name
  Span at;
};

enum class OperandKind : std::uint8_t { field, transformer, text };

struct Operand {
  OperandKind kind = OperandKind::field;
  Transformer transformer = Transformer::val;  // of a transformer
  std::string name;                            // of a field; or the text
  std::optional<std::string> argument;         // proc.aname[2], getopt(...)[o]
  Range arguments;                             // of operand_arguments
  Span at;
};

struct Value {
  std::string text;     // without quotes and escapes
  bool quoted = false;  // then it is never the name of a list
  Span at;
};

struct Comparison {
  Operator op = Operator::equal;
  Modifier modifier = Modifier::none;
  Index left = 0;        // operand
  Index right = k_none;  // operand, where a field stands on the right; else:
  Range values;          // one for an operator that takes one
  Span at;               // of the operator
};

struct Condition {
  std::vector<Node> nodes;
  std::vector<Index> children;
  std::vector<Comparison> comparisons;
  std::vector<Operand> operands;
  std::vector<Index> operand_arguments;
  std::vector<Value> values;

  [[nodiscard]] Index root() const { return static_cast<Index>(nodes.size() - 1); }
  [[nodiscard]] std::span<const Index> children_of(const Node& node) const {
    return std::span(children).subspan(node.parts.first, node.parts.count);
  }
  [[nodiscard]] std::span<const Index> arguments_of(const Operand& operand) const {
    return std::span(operand_arguments).subspan(operand.arguments.first, operand.arguments.count);
  }
  [[nodiscard]] std::span<const Value> values_of(const Comparison& comparison) const {
    return std::span(values).subspan(comparison.values.first, comparison.values.count);
  }
  [[nodiscard]] const Comparison& comparison_of(const Node& node) const {
    return comparisons[node.parts.first];
  }
  [[nodiscard]] const Value& macro_of(const Node& node) const { return values[node.parts.first]; }
};

// Does the comparison hold a field itself against values, each of them as a whole?
[[nodiscard]] bool is_by_value(const Condition& condition, const Comparison& comparison);

// Do both say the same, wherever they stand? Of two that ConditionBuilder made.
[[nodiscard]] bool same(const Condition& a, const Condition& b);

}  // namespace gancho::rules
