// SPDX-License-Identifier: Apache-2.0
#include "rules/ast.h"

#include <algorithm>

namespace gancho::rules {

bool is_by_value(const Condition& condition, const Comparison& comparison) {
  const bool whole = comparison.op == Operator::equal || comparison.op == Operator::not_equal ||
                     comparison.op == Operator::in || comparison.op == Operator::intersects;
  return whole && comparison.right == k_none &&
         condition.operands[comparison.left].kind == OperandKind::field;
}

bool same(const Condition& a, const Condition& b) {
  const auto same_node = [](const Node& x, const Node& y) {
    return x.kind == y.kind && x.parts == y.parts;
  };
  const auto same_comparison = [](const Comparison& x, const Comparison& y) {
    return x.op == y.op && x.modifier == y.modifier && x.left == y.left && x.right == y.right &&
           x.values == y.values;
  };
  const auto same_operand = [](const Operand& x, const Operand& y) {
    return x.kind == y.kind && x.transformer == y.transformer && x.name == y.name &&
           x.argument == y.argument && x.arguments == y.arguments;
  };
  const auto same_value = [](const Value& x, const Value& y) {
    return x.text == y.text && x.quoted == y.quoted;
  };
  return std::ranges::equal(a.nodes, b.nodes, same_node) && a.children == b.children &&
         std::ranges::equal(a.comparisons, b.comparisons, same_comparison) &&
         std::ranges::equal(a.operands, b.operands, same_operand) &&
         a.operand_arguments == b.operand_arguments &&
         std::ranges::equal(a.values, b.values, same_value);
}

}  // namespace gancho::rules
