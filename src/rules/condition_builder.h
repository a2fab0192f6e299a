// SPDX-License-Identifier: Apache-2.0
//
// Makes a Condition in its normal form, from the leaves to the root.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rules/ast.h"

namespace gancho::rules {

class ConditionBuilder {
 public:
  // `arguments` are operands of this builder; `operand.arguments` is set here.
  Index add_operand(Operand operand, std::span<const Index> arguments = {});
  // `comparison.values` is set here.
  Index add_comparison(Comparison comparison, std::span<const Value> values, const Span& at);
  // One of another condition, with other values.
  Index copy_comparison(const Condition& from, const Comparison& comparison,
                        std::span<const Value> values, const Span& at);
  Index add_macro(Value name);
  Index negate(Index node, const Span& at);
  // `kind` is all or any; at least one node.
  Index join(NodeKind kind, std::span<const Index> nodes, const Span& at);
  // A copy of all of `other`, as one node of this one.
  Index graft(const Condition& other);

  // Added so far.
  [[nodiscard]] std::size_t comparisons() const { return made_.comparisons.size(); }
  [[nodiscard]] std::size_t values() const { return made_.values.size(); }

  // What hangs on `root`, with everything in the order of the text and nothing else.
  [[nodiscard]] Condition finish(Index root) const;

 private:
  Index copy_operand(const Condition& from, Index index);

  Condition made_;
};

}  // namespace gancho::rules
