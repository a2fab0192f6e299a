// SPDX-License-Identifier: Apache-2.0
#include "rules/print.h"

#include <vector>

#include "rules/lexer.h"

namespace gancho::rules {
namespace {

void put_value(std::string& out, const Value& value) {
  out += value.quoted ? quote(value.text) : value.text;
}

// The parser bounds how deep transformers nest.
void put_operand(std::string& out, const Condition& condition,
                 Index index) {  // NOLINT(misc-no-recursion)
  const Operand& operand = condition.operands[index];
  switch (operand.kind) {
    case OperandKind::text:
      out += quote(operand.name);
      return;
    case OperandKind::field:
      out += operand.name;
      break;
    case OperandKind::transformer: {
      out += describe(operand.transformer).word;
      std::string_view separator = "(";
      for (const Index argument : condition.arguments_of(operand)) {
        out += separator;
        put_operand(out, condition, argument);
        separator = ", ";
      }
      out += ')';
    }
  }
  if (!operand.argument) return;
  out += '[';
  out += is_bare_argument(*operand.argument) ? *operand.argument : quote(*operand.argument);
  out += ']';
}

void put_comparison(std::string& out, const Condition& condition, const Comparison& comparison) {
  put_operand(out, condition, comparison.left);
  const OperatorDesc& op = describe(comparison.op);
  out += ' ';
  out += op.word;
  if (op.takes == Takes::nothing) return;
  if (comparison.modifier != Modifier::none) {
    out += ' ';
    out += word_of(comparison.modifier);
  }
  out += ' ';
  if (comparison.right != k_none) return put_operand(out, condition, comparison.right);
  const auto values = condition.values_of(comparison);
  const bool list = op.takes == Takes::list || comparison.modifier != Modifier::none;
  if (!list) return put_value(out, values[0]);
  out += '(';
  std::string_view separator;
  for (const Value& value : values) {
    out += separator;
    put_value(out, value);
    separator = ", ";
  }
  out += ')';
}

// Within `and` or `not` what binds weaker needs parentheses; within `or` they help to read.
bool in_parentheses(NodeKind parent, NodeKind child) {
  return child == NodeKind::any ||
         (child == NodeKind::all && (parent == NodeKind::negation || parent == NodeKind::any));
}

}  // namespace

std::string print_condition(const Condition& condition) {
  struct Step {
    Index node;
    Index next = 0;
    bool enclosed = false;
  };
  std::string out;
  std::vector<Step> open;
  open.push_back({condition.root()});
  while (!open.empty()) {
    Step& step = open.back();
    const Node& node = condition.nodes[step.node];
    if (node.kind == NodeKind::comparison) {
      put_comparison(out, condition, condition.comparison_of(node));
      open.pop_back();
    } else if (node.kind == NodeKind::macro) {
      out += condition.macro_of(node).text;
      open.pop_back();
    } else if (step.next == node.parts.count) {
      if (step.enclosed) out += ')';
      open.pop_back();
    } else {
      if (step.next == 0 && step.enclosed) out += '(';
      if (node.kind == NodeKind::negation) out += "not ";
      if (step.next != 0) out += node.kind == NodeKind::all ? " and " : " or ";
      const Index child = condition.children_of(node)[step.next++];
      open.push_back({child, 0, in_parentheses(node.kind, condition.nodes[child].kind)});
    }
  }
  return out;
}

std::string print_comparison(const Condition& condition, const Comparison& comparison) {
  std::string out;
  put_comparison(out, condition, comparison);
  return out;
}

std::string print_operand(const Condition& condition, Index operand) {
  std::string out;
  put_operand(out, condition, operand);
  return out;
}

}  // namespace gancho::rules
