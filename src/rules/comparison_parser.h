// SPDX-License-Identifier: Apache-2.0
//
// The leaves of a condition: operand, operator, values; and what the whole parser reads tokens
// with. It is used by parser.cpp alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/condition_builder.h"
#include "rules/lexer.h"
#include "rules/operators.h"
#include "rules/problems.h"
#include "rules/rule_text.h"

namespace gancho::rules {

// How tightly they bind; 0 is no operator between conditions.
inline constexpr int k_or = 1;
inline constexpr int k_and = 2;

class ComparisonParser {
 protected:
  // Both stay where they are.
  ComparisonParser(const RuleText& text, Problems& problems)
      : text_(text), problems_(problems), lexer_(text.text()) {}

  // A comparison, which begins here. k_none after an error, which was recovered from.
  Index comparison();
  // A leaf more; false when that is one too many, which was said.
  bool count_leaf(const Token& at);
  // `behind` is what it stands behind, as written. nullptr after an error.
  const OperatorDesc* comparison_operator(const std::string& behind);
  bool list(std::vector<Value>& values);
  // A field or a transformer; `depth` transformers around it. k_none after an error.
  Index operand(unsigned depth);

  [[nodiscard]] int binding(const Token& token) const;
  // As a message calls it.
  [[nodiscard]] std::string name(const Token& token) const;
  [[nodiscard]] Span span(const Token& token) const;
  // From the beginning of a token to the end of what was taken last.
  [[nodiscard]] Span between_tokens(const Token& first) const;
  void expect_end(std::string_view what);

  // False, for whoever returns it.
  bool error(const Token& token, std::string message);
  // Nothing is read any more.
  void stop();
  // To the next `and`, `or`, or the ")" that closes what we are in.
  void recover();

  [[nodiscard]] Lexer& lexer() { return lexer_; }
  [[nodiscard]] const Lexer& lexer() const { return lexer_; }
  [[nodiscard]] ConditionBuilder& builder() { return builder_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] bool wrong() const { return errors_ != 0; }

 private:
  Index recovered();
  bool right_side(const OperatorDesc& op, Comparison& made, std::vector<Value>& values);
  bool single(const OperatorDesc& op, const Token& token, std::vector<Value>& values);
  bool number(const OperatorDesc& op, const Token& token, std::vector<Value>& values);
  bool value(const Token& token, std::vector<Value>& values);
  // After an error: behind the list, so that its values are not taken for a condition.
  bool in_list();

  Index field(const Token& token);
  bool argument(const Token& before, std::optional<std::string>& text);
  Index call(const Token& token, unsigned depth);
  bool fits(const Token& token, const TransformerDesc& transformer, std::size_t given);
  bool unknown_call(const Token& token);
  [[nodiscard]] bool is_call(const Token& token) const;
  // Is the next behind it a "("?
  [[nodiscard]] bool opens(const Token& token) const;

  std::optional<std::string> unquoted(const Token& token);
  [[nodiscard]] std::size_t end_of_text() const;
  [[nodiscard]] std::string source_from(const Token& first) const;

  const RuleText& text_;
  Problems& problems_;
  Lexer lexer_;
  ConditionBuilder builder_;
  Token operator_;  // the last
  std::size_t leaves_ = 0;
  std::size_t values_ = 0;  // in lists
  std::size_t errors_ = 0;
  bool stopped_ = false;
};

}  // namespace gancho::rules
