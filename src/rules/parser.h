// SPDX-License-Identifier: Apache-2.0
//
// From the text of a condition to its tree. Every error says what was expected, what stands there
// and the nearest known word; after one, reading goes on at the next `and`, `or` or closing
// parenthesis.
//
//   condition  = condition "or" condition | condition "and" condition | "not" condition
//              | "(" condition ")" | comparison | macro
//   comparison = operand "exists" | operand OPERATOR value | operand OPERATOR MODIFIER list
//              | operand ("in" | "intersects" | "pmatch") list
//   operand    = FIELD [ "[" argument "]" ] | TRANSFORMER "(" (operand | STRING) {"," ...} ")"
//   value      = STRING | WORD | TRANSFORMER "(" ... ")"
//   list       = "(" [ value { "," value } ] ")" | WORD | TRANSFORMER "(" ... ")"
//
// `or` binds weaker than `and`, `and` weaker than `not`.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/problems.h"
#include "rules/rule_text.h"

namespace gancho::rules {

// Parentheses inside each other; transformers inside each other.
inline constexpr unsigned k_most_parentheses = 200;
inline constexpr unsigned k_most_transformers = 16;
// Of one condition as it is written, and with its macros written out.
inline constexpr std::size_t k_most_comparisons = 10'000;  // macros count, too
inline constexpr std::size_t k_most_values = 100'000;

// nullopt when there is a problem. Names of macros and lists are not looked up.
[[nodiscard]] std::optional<Condition> parse_condition(const RuleText& text, Problems& problems);

// A field or a transformer alone, as an exception has it: its operands only, the
// outermost last.
[[nodiscard]] std::optional<Condition> parse_operand(const RuleText& text, Problems& problems);

// A transformer that stands in other text and begins there: "tolower(proc.name)".
struct CallInText {
  Condition operand;    // as parse_operand() has it
  std::size_t end = 0;  // behind it
};
[[nodiscard]] std::optional<CallInText> parse_call(const RuleText& text, std::size_t begin,
                                                   Problems& problems);

// An operator and perhaps its modifier: "in", "startswith anyof".
struct OperatorWords {
  Operator op = Operator::equal;
  Modifier modifier = Modifier::none;
};
[[nodiscard]] std::optional<OperatorWords> parse_operator(const RuleText& text, Problems& problems);

// "(a, b)" as a list; nullopt when there is a problem.
[[nodiscard]] std::optional<std::vector<Value>> parse_list(const RuleText& text,
                                                           Problems& problems);

}  // namespace gancho::rules
