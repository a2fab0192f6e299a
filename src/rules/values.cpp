// SPDX-License-Identifier: Apache-2.0
#include "rules/values.h"

#include <string>
#include <string_view>

#include "rules/lexer.h"

namespace gancho::rules {
namespace {

bool is_quoted(std::string_view text) {
  const Token token = Lexer(text).peek(Expect::value);
  std::size_t wrong = 0;
  return token.kind == TokenKind::string && token.begin == 0 && token.end == text.size() &&
         unquote(text, wrong).has_value();
}

}  // namespace

RuleText as_value(const RuleText& item) {
  const std::string& text = item.text();
  if (is_bare_value(text) || is_quoted(text)) return item;
  const Span at = item.span();
  RuleText quoted;
  if (is_quoted("\"" + text + "\"")) {
    quoted.add("\"", at);
    quoted.add(item);
    quoted.add("\"", at);
  } else {
    quoted.add(quote(text), at);
  }
  return quoted;
}

Value item_value(const RuleText& item) {
  const std::string text = as_value(item).text();
  if (is_bare_value(text)) return {text, false, item.span()};
  std::size_t wrong = 0;
  return {unquote(text, wrong).value_or(item.text()), true, item.span()};
}

}  // namespace gancho::rules
