// SPDX-License-Identifier: Apache-2.0
#include "rules/comparison_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest.h"
#include "base/quote.h"
#include "rules/parser.h"

namespace gancho::rules {
namespace {

// Of one condition: whoever mends so many runs it again.
constexpr std::size_t k_most_errors = 10;
constexpr std::size_t k_most_arguments = 64;

}  // namespace

Index ComparisonParser::comparison() {
  const Token first = lexer_.peek(Expect::term);
  Comparison made{.values = {}, .at = {}};
  made.left = operand(0);
  if (made.left == k_none) return recovered();
  const OperatorDesc* op = comparison_operator(source_from(first));
  if (op == nullptr) return recovered();
  made.op = op->id;
  made.at = span(operator_);
  std::vector<Value> values;
  if (!right_side(*op, made, values)) return recovered();
  if (!count_leaf(first)) return k_none;
  return builder_.add_comparison(made, values, between_tokens(first));
}

Index ComparisonParser::recovered() {
  recover();
  return k_none;
}

bool ComparisonParser::count_leaf(const Token& at) {
  if (++leaves_ <= k_most_comparisons) return true;
  error(at, fmt::format("more than {} comparisons in one condition", k_most_comparisons));
  stop();
  return false;
}

const OperatorDesc* ComparisonParser::comparison_operator(const std::string& behind) {
  const Token token = lexer_.peek(Expect::term);
  const OperatorDesc* op = nullptr;
  if (token.kind == TokenKind::sign || token.kind == TokenKind::word)
    op = find_operator(lexer_.text(token));
  if (op == nullptr) {
    const std::string where = behind.empty() ? "" : " behind " + behind;
    std::string hint;
    if (token.kind == TokenKind::word && binding(token) == 0)
      hint = did_you_mean(lexer_.text(token), operator_words());
    if (hint.empty()) hint = "; there is =, !=, in, contains, startswith, exists and others";
    error(token, fmt::format("expected an operator{}, not {}{}", where, name(token), hint));
    return nullptr;
  }
  lexer_.take(token);
  operator_ = token;
  return op;
}

bool ComparisonParser::right_side(const OperatorDesc& op, Comparison& made,
                                  std::vector<Value>& values) {
  if (op.takes == Takes::nothing) return true;
  const Token token = lexer_.peek(Expect::value);
  if (is_call(token)) {
    made.right = operand(0);
    return made.right != k_none;
  }
  if (op.takes == Takes::list) {
    if (token.kind != TokenKind::word) return list(values);
    return value(token, values);  // the name of a list
  }
  if (op.modifiable && token.kind == TokenKind::word) {
    if (const auto modifier = find_modifier(lexer_.text(token)); modifier && opens(token)) {
      made.modifier = *modifier;
      lexer_.take(token);
      return list(values);
    }
  }
  return op.takes == Takes::number ? number(op, token, values) : single(op, token, values);
}

bool ComparisonParser::single(const OperatorDesc& op, const Token& token,
                              std::vector<Value>& values) {
  if (token.kind == TokenKind::open) {
    const std::string_view hint =
        op.id == Operator::equal || op.id == Operator::not_equal ? "in" : "anyof (...)";
    return error(token, fmt::format("expected one value behind {}, not a list; for a list there "
                                    "is \"{}\"",
                                    op.word, hint));
  }
  return value(token, values);
}

bool ComparisonParser::number(const OperatorDesc& op, const Token& token,
                              std::vector<Value>& values) {
  const std::string_view text = lexer_.text(token);
  // A name may be a list of one number.
  if (token.kind == TokenKind::word && (is_number(text) || is_name(text)))
    return value(token, values);
  return error(token, fmt::format("expected a number behind {}, not {}", op.word, name(token)));
}

bool ComparisonParser::value(const Token& token, std::vector<Value>& values) {
  if (token.kind == TokenKind::word) {
    if (lexer_.touches(token, '(')) return unknown_call(token);
    values.push_back({std::string(lexer_.text(token)), false, span(token)});
    lexer_.take(token);
    return true;
  }
  if (token.kind != TokenKind::string)
    return error(token, fmt::format("expected a value, not {}", name(token)));
  auto text = unquoted(token);
  if (!text) return false;
  values.push_back({std::move(*text), true, span(token)});
  lexer_.take(token);
  return true;
}

bool ComparisonParser::list(std::vector<Value>& values) {
  const Token open = lexer_.peek(Expect::value);
  if (open.kind != TokenKind::open)
    return error(open, fmt::format("expected a list in parentheses, not {}", name(open)));
  lexer_.take(open);
  if (lexer_.peek(Expect::value).kind == TokenKind::close) {
    lexer_.take(Expect::value);
    return true;
  }
  while (true) {
    const Token one = lexer_.peek(Expect::value);
    if (!value(one, values)) return in_list();
    if (++values_ > k_most_values) {
      error(one, fmt::format("more than {} values in one condition", k_most_values));
      stop();
      return false;
    }
    const Token next = lexer_.peek(Expect::value);
    if (next.kind == TokenKind::close) {
      lexer_.take(next);
      return true;
    }
    if (next.kind == TokenKind::end) return error(open, "this \"(\" is not closed");
    if (next.kind != TokenKind::comma) {
      error(next, fmt::format("expected \",\" or \")\" in the list, not {}", name(next)));
      return in_list();
    }
    lexer_.take(next);
  }
}

bool ComparisonParser::in_list() {
  std::size_t deep = 1;
  while (!stopped_ && deep != 0) {
    const Token token = lexer_.take(Expect::value);
    if (token.kind == TokenKind::end) break;
    if (token.kind == TokenKind::open) ++deep;
    if (token.kind == TokenKind::close) --deep;
  }
  return false;
}

Index ComparisonParser::operand(unsigned depth) {  // NOLINT(misc-no-recursion)
  const Token token = lexer_.peek(Expect::term);
  if (depth != 0 && token.kind == TokenKind::string) {
    auto text = unquoted(token);
    if (!text) return k_none;
    lexer_.take(token);
    return builder_.add_operand({.kind = OperandKind::text,
                                 .name = std::move(*text),
                                 .argument = {},
                                 .arguments = {},
                                 .at = span(token)});
  }
  if (token.kind != TokenKind::word) {
    error(token, fmt::format("expected a field or a transformer{}, not {}",
                             depth == 0 ? "" : " or a quoted text", name(token)));
    return k_none;
  }
  if (lexer_.touches(token, '(')) return call(token, depth);
  if (lexer_.text(token).find('.') == std::string_view::npos && !lexer_.touches(token, '[')) {
    error(token, fmt::format("{} is no field: the name of a field has a dot", name(token)));
    return k_none;
  }
  return field(token);
}

Index ComparisonParser::field(const Token& token) {
  Operand made{.kind = OperandKind::field,
               .name = std::string(lexer_.text(token)),
               .argument = {},
               .arguments = {},
               .at = {}};
  lexer_.take(token);
  if (!argument(token, made.argument)) return k_none;
  made.at = between_tokens(token);
  return builder_.add_operand(std::move(made));
}

bool ComparisonParser::argument(const Token& before, std::optional<std::string>& text) {
  const auto brackets = lexer_.brackets(before);
  if (!brackets) return true;
  if (brackets->kind != TokenKind::string) {
    lexer_.take(*brackets);
    return error(*brackets, "expected a number or a name in brackets, as in proc.aname[2]");
  }
  const Token inside{TokenKind::string, brackets->begin + 1, brackets->end - 1};
  const std::string_view written = lexer_.text(inside);
  if (written.starts_with('"') || written.starts_with('\'')) {
    text = unquoted(inside);
    if (!text) return false;
  } else {
    text = std::string(written);
  }
  lexer_.take(*brackets);
  return true;
}

Index ComparisonParser::call(const Token& token, unsigned depth) {  // NOLINT(misc-no-recursion)
  const TransformerDesc* transformer = find_transformer(lexer_.text(token));
  if (transformer == nullptr) {
    unknown_call(token);
    return k_none;
  }
  if (depth == k_most_transformers) {
    error(token, fmt::format("more than {} transformers inside each other", k_most_transformers));
    stop();
    return k_none;
  }
  lexer_.take(token);
  lexer_.take(Expect::term);
  std::vector<Index> arguments;
  Token next;
  do {
    const Index argument = operand(depth + 1);
    if (argument == k_none) return k_none;
    arguments.push_back(argument);
    next = lexer_.take(Expect::term);
  } while (next.kind == TokenKind::comma && arguments.size() < k_most_arguments);
  if (next.kind != TokenKind::close) {
    error(next, fmt::format("expected \")\" behind what {} takes, not {}", transformer->word,
                            name(next)));
    return k_none;
  }
  if (!fits(token, *transformer, arguments.size())) return k_none;
  Operand made{.kind = OperandKind::transformer,
               .transformer = transformer->id,
               .name = {},
               .argument = {},
               .arguments = {},
               .at = {}};
  if (transformer->selects && !argument(next, made.argument)) return k_none;
  made.at = between_tokens(token);
  return builder_.add_operand(std::move(made), arguments);
}

bool ComparisonParser::fits(const Token& token, const TransformerDesc& transformer,
                            std::size_t given) {
  if (given >= transformer.least && given <= transformer.most) return true;
  const std::string_view more = transformer.most > transformer.least ? " or more" : "";
  return error(token, fmt::format("{} takes {}{}, not {}", transformer.word, transformer.least,
                                  more, given));
}

bool ComparisonParser::unknown_call(const Token& token) {
  const std::string_view word = lexer_.text(token);
  if (find_transformer(word) != nullptr)
    return error(token, fmt::format("{} cannot stand in a list", name(token)));
  std::string hint = did_you_mean(word, transformer_words());
  if (hint.empty()) hint = "; there is " + fmt::format("{}", fmt::join(transformer_words(), ", "));
  return error(token, fmt::format("unknown transformer {}{}", name(token), hint));
}

bool ComparisonParser::is_call(const Token& token) const {
  return token.kind == TokenKind::word && lexer_.touches(token, '(') &&
         find_transformer(lexer_.text(token)) != nullptr;
}

bool ComparisonParser::opens(const Token& token) const {
  Lexer ahead = lexer_;
  ahead.take(token);
  return ahead.peek(Expect::value).kind == TokenKind::open;
}

std::optional<std::string> ComparisonParser::unquoted(const Token& token) {
  std::size_t wrong = 0;
  auto text = unquote(lexer_.text(token), wrong);
  if (!text) {
    const Token escape{TokenKind::other, token.begin + wrong, token.begin + wrong + 2};
    error(escape,
          fmt::format("unknown escape {}; there is \\\\ \\\" \\' \\/ \\n \\t \\r \\b \\f \\x41",
                      in_quotes(lexer_.text(escape))));
    lexer_.take(token);
  }
  return text;
}

void ComparisonParser::expect_end(std::string_view what) {
  const Token rest = lexer_.peek(Expect::term);
  if (rest.kind != TokenKind::end)
    error(rest, fmt::format("expected nothing behind {}, not {}", what, name(rest)));
}

std::string ComparisonParser::name(const Token& token) const {
  if (token.kind == TokenKind::end) return "the end";
  const std::string_view text = lexer_.text(token);
  if (token.kind == TokenKind::other && (text.starts_with('"') || text.starts_with('\'')))
    return "a quote that is not closed";
  return in_quotes(text);
}

Span ComparisonParser::span(const Token& token) const {
  // Nothing stands at the end: its last character has a place.
  if (token.kind == TokenKind::end && !text_.empty())
    return text_.span(end_of_text(), end_of_text() + 1);
  return text_.span(token.begin, token.end);
}

std::size_t ComparisonParser::end_of_text() const {
  const std::size_t last = text_.text().find_last_not_of(" \t\r\n");
  return last == std::string::npos ? 0 : last;
}

Span ComparisonParser::between_tokens(const Token& first) const {
  return text_.span(first.begin, std::max(first.end, lexer_.taken()));
}

std::string ComparisonParser::source_from(const Token& first) const {
  return in_quotes(
      std::string_view(text_.text()).substr(first.begin, lexer_.taken() - first.begin));
}

bool ComparisonParser::error(const Token& token, std::string message) {
  if (stopped_) return false;
  problems_.error(span(token), std::move(message));
  if (++errors_ == k_most_errors) stop();
  return false;
}

void ComparisonParser::stop() {
  stopped_ = true;
  lexer_.stop();
}

void ComparisonParser::recover() {
  std::size_t deep = 0;
  while (!stopped_) {
    const Token token = lexer_.peek(Expect::value);
    if (token.kind == TokenKind::end) return;
    if (deep == 0 && (token.kind == TokenKind::close || binding(token) != 0)) return;
    if (token.kind == TokenKind::open) ++deep;
    if (token.kind == TokenKind::close) --deep;
    lexer_.take(token);
  }
}

int ComparisonParser::binding(const Token& token) const {
  if (token.kind != TokenKind::word) return 0;
  const std::string_view word = lexer_.text(token);
  return word == "or" ? k_or : word == "and" ? k_and : 0;
}

}  // namespace gancho::rules
