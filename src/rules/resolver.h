// SPDX-License-Identifier: Apache-2.0
//
// Writes lists and macros out in conditions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/ast.h"
#include "rules/definitions.h"
#include "rules/hints.h"
#include "rules/problems.h"

namespace gancho::rules {

// Macros inside each other.
inline constexpr std::size_t k_most_macro_depth = 100;
// Of all rules together, when lists and macros are written out.
inline constexpr std::size_t k_most_comparisons_in_all = 200'000;
inline constexpr std::size_t k_most_values_in_all = 400'000;

class Resolver {
 public:
  // Both stay where they are.
  Resolver(const Definitions& definitions, Problems& problems);

  // Reads every macro, also those that no rule uses, so that all that is wrong is said.
  void resolve_macros();
  // A rule's condition, which sees all macros. nullopt when there is a problem, which was said.
  [[nodiscard]] std::optional<Condition> resolve(const RuleText& condition);

 private:
  enum class State : std::uint8_t { unread, open, done };
  struct Macro {
    State state = State::unread;
    std::optional<Condition> condition;  // nullopt: something is wrong with it, and was said
  };

  const std::optional<Condition>& macro(const MacroDefinition& definition);
  std::optional<Condition> parse(const RuleText& text, const MacroDefinition* owner);
  std::optional<Condition> expand(const Condition& parsed, const MacroDefinition* owner);
  // The macro that is meant, or nullptr and a problem.
  const MacroDefinition* find_macro(const Value& name, const MacroDefinition* owner);
  bool substitute(const Condition& parsed, const Comparison& comparison,
                  std::vector<Value>& values);
  const std::vector<Value>& list(const ListDefinition& definition);
  [[nodiscard]] const ListDefinition* named(const Value& value) const;

  const Definitions& definitions_;
  Problems& problems_;
  Hints hints_;
  std::vector<Macro> macros_;
  std::unordered_map<const ListDefinition*, std::vector<Value>> lists_;  // written out
  std::vector<const ListDefinition*> open_lists_;
  std::size_t list_values_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace gancho::rules
