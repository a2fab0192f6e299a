// SPDX-License-Identifier: Apache-2.0
#include "rules/condition_builder.h"

#include <utility>

namespace gancho::rules {
namespace {

template <class T>
Index size_of(const std::vector<T>& all) {
  return static_cast<Index>(all.size());
}

template <class T>
Index add_to(std::vector<T>& all, T one) {
  all.push_back(std::move(one));
  return size_of(all) - 1;
}

template <class T>
Range add_all(std::vector<T>& all, std::span<const T> some) {
  const Range range{size_of(all), static_cast<Index>(some.size())};
  all.insert(all.end(), some.begin(), some.end());
  return range;
}

// Copies the reachable part of one condition into an empty one, depth first.
class Copier {
 public:
  explicit Copier(const Condition& from) : from_(from) {}

  Condition copy(Index root) {
    walk(root);
    return std::move(to_);
  }

 private:
  struct Step {
    Index node;
    std::size_t next = 0;  // child
    std::vector<Index> done;
  };

  void walk(Index root) {
    std::vector<Step> open;
    open.push_back({root, 0, {}});
    while (true) {
      Step& step = open.back();
      const Node& node = from_.nodes[step.node];
      if (has_children(node) && step.next < node.parts.count) {
        const Index child = from_.children[node.parts.first + step.next++];
        open.push_back({child, 0, {}});
        continue;
      }
      const Index made = place(node, step.done);
      open.pop_back();
      if (open.empty()) return;
      open.back().done.push_back(made);
    }
  }

  static bool has_children(const Node& node) {
    return node.kind != NodeKind::comparison && node.kind != NodeKind::macro;
  }

  Index place(const Node& node, const std::vector<Index>& children) {
    Node copy = node;
    switch (node.kind) {
      case NodeKind::comparison:
        copy.parts = {add_to(to_.comparisons, compare(from_.comparison_of(node))), 1};
        break;
      case NodeKind::macro:
        copy.parts = {add_to(to_.values, from_.macro_of(node)), 1};
        break;
      default:
        copy.parts = add_all<Index>(to_.children, children);
    }
    return add_to(to_.nodes, copy);
  }

  Comparison compare(const Comparison& comparison) {
    Comparison copy = comparison;
    copy.left = operand(comparison.left);
    if (comparison.right != k_none) copy.right = operand(comparison.right);
    copy.values = add_all(to_.values, from_.values_of(comparison));
    return copy;
  }

  // The parser bounds how deep transformers nest.
  Index operand(Index index) {  // NOLINT(misc-no-recursion)
    Operand copy = from_.operands[index];
    std::vector<Index> arguments;
    for (const Index argument : from_.arguments_of(copy)) arguments.push_back(operand(argument));
    copy.arguments = add_all<Index>(to_.operand_arguments, arguments);
    return add_to(to_.operands, std::move(copy));
  }

  const Condition& from_;
  Condition to_;
};

}  // namespace

Index ConditionBuilder::add_operand(Operand operand, std::span<const Index> arguments) {
  operand.arguments = add_all(made_.operand_arguments, arguments);
  return add_to(made_.operands, std::move(operand));
}

Index ConditionBuilder::add_comparison(Comparison comparison, std::span<const Value> values,
                                       const Span& at) {
  comparison.values = add_all(made_.values, values);
  const Index index = add_to(made_.comparisons, comparison);
  return add_to(made_.nodes, Node{NodeKind::comparison, {index, 1}, at});
}

// The parser bounds how deep transformers nest.
Index ConditionBuilder::copy_operand(const Condition& from,
                                     Index index) {  // NOLINT(misc-no-recursion)
  std::vector<Index> arguments;
  for (const Index argument : from.arguments_of(from.operands[index]))
    arguments.push_back(copy_operand(from, argument));
  return add_operand(from.operands[index], arguments);
}

Index ConditionBuilder::copy_comparison(const Condition& from, const Comparison& comparison,
                                        std::span<const Value> values, const Span& at) {
  Comparison copy = comparison;
  copy.left = copy_operand(from, comparison.left);
  if (comparison.right != k_none) copy.right = copy_operand(from, comparison.right);
  return add_comparison(copy, values, at);
}

Index ConditionBuilder::add_macro(Value name) {
  const Span at = name.at;
  const Index index = add_to(made_.values, std::move(name));
  return add_to(made_.nodes, Node{NodeKind::macro, {index, 1}, at});
}

Index ConditionBuilder::negate(Index node, const Span& at) {
  if (made_.nodes[node].kind == NodeKind::negation) return made_.children_of(made_.nodes[node])[0];
  const Range parts{add_to(made_.children, node), 1};
  return add_to(made_.nodes, Node{NodeKind::negation, parts, at});
}

Index ConditionBuilder::join(NodeKind kind, std::span<const Index> nodes, const Span& at) {
  if (nodes.size() == 1) return nodes[0];
  Range parts{size_of(made_.children), 0};
  for (const Index index : nodes) {
    const Node node = made_.nodes[index];
    if (node.kind != kind) {
      made_.children.push_back(index);
      continue;
    }
    for (Index i = 0; i < node.parts.count; ++i)
      made_.children.push_back(Index(made_.children[node.parts.first + i]));
  }
  parts.count = size_of(made_.children) - parts.first;
  return add_to(made_.nodes, Node{kind, parts, at});
}

Index ConditionBuilder::graft(const Condition& other) {
  const Index nodes = size_of(made_.nodes);
  const Index children = size_of(made_.children);
  const Index comparisons = size_of(made_.comparisons);
  const Index operands = size_of(made_.operands);
  const Index operand_arguments = size_of(made_.operand_arguments);
  const Index values = size_of(made_.values);
  for (Node node : other.nodes) {
    node.parts.first += node.kind == NodeKind::comparison ? comparisons
                        : node.kind == NodeKind::macro    ? values
                                                          : children;
    made_.nodes.push_back(node);
  }
  for (const Index child : other.children) made_.children.push_back(child + nodes);
  for (Comparison comparison : other.comparisons) {
    comparison.left += operands;
    if (comparison.right != k_none) comparison.right += operands;
    comparison.values.first += values;
    made_.comparisons.push_back(comparison);
  }
  for (const Operand& operand : other.operands) {
    made_.operands.push_back(operand);
    made_.operands.back().arguments.first += operand_arguments;
  }
  for (const Index argument : other.operand_arguments)
    made_.operand_arguments.push_back(argument + operands);
  made_.values.insert(made_.values.end(), other.values.begin(), other.values.end());
  return size_of(made_.nodes) - 1;
}

Condition ConditionBuilder::finish(Index root) const {
  return Copier(made_).copy(root);
}

}  // namespace gancho::rules
