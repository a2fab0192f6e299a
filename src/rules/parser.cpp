// SPDX-License-Identifier: Apache-2.0
#include "rules/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/nearest.h"
#include "base/quote.h"
#include "rules/condition_builder.h"
#include "rules/lexer.h"

namespace gancho::rules {
namespace {

// Of one condition: whoever mends so many runs it again.
constexpr std::size_t k_most_errors = 10;

// How tightly they bind; 0 is no operator between conditions.
constexpr int k_or = 1;
constexpr int k_and = 2;

class Parser {
 public:
  Parser(const RuleText& text, Problems& problems)
      : text_(text), problems_(problems), lexer_(text.text()) {}

  std::optional<Condition> condition() {
    const Index root = expression(0, 0);
    while (!stopped_) {
      const Token rest = lexer_.peek(Expect::term);
      if (rest.kind == TokenKind::end) break;
      // Only a ")" that nothing opened stops an expression before its end.
      error(rest, rest.kind == TokenKind::close
                      ? std::string("\")\" closes no \"(\"")
                      : fmt::format("expected \"and\" or \"or\", not {}", name(rest)));
      lexer_.take(rest);
      recover();
      while (!stopped_ && binding(lexer_.peek(Expect::term)) != 0) {
        lexer_.take(Expect::term);
        expression(0, 0);
      }
    }
    if (errors_ != 0) return std::nullopt;
    return builder_.finish(root);
  }

  std::optional<Condition> operand_alone() {
    const Index index = operand(0);
    if (errors_ == 0) expect_end("the field");
    if (errors_ != 0) return std::nullopt;
    const Index node = builder_.add_comparison(
        {.op = Operator::exists, .left = index, .values = {}, .at = {}}, {}, {});
    return builder_.finish(node);
  }

  std::optional<OperatorWords> operator_alone() {
    OperatorWords words;
    const OperatorDesc* op = comparison_operator("");
    if (op == nullptr) return std::nullopt;
    words.op = op->id;
    const Token next = lexer_.peek(Expect::term);
    if (const auto modifier = find_modifier(lexer_.text(next)); modifier && op->modifiable) {
      words.modifier = *modifier;
      lexer_.take(next);
    }
    expect_end("the operator");
    if (errors_ != 0) return std::nullopt;
    return words;
  }

  std::optional<std::vector<Value>> list_alone() {
    std::vector<Value> values;
    list(values);
    if (errors_ == 0) expect_end("the list");
    if (errors_ != 0) return std::nullopt;
    return values;
  }

 private:
  // --- conditions ---

  [[nodiscard]] int binding(const Token& token) const {
    if (token.kind != TokenKind::word) return 0;
    const std::string_view word = lexer_.text(token);
    return word == "or" ? k_or : word == "and" ? k_and : 0;
  }

  // What binds tighter than `least`. k_none after an error.
  Index expression(int least, unsigned depth) {  // NOLINT(misc-no-recursion)
    const Token first = lexer_.peek(Expect::term);
    Index left = prefix(depth);
    while (!stopped_) {
      const int binds = binding(lexer_.peek(Expect::term));
      if (binds <= least) break;
      // A chain is one node, and no recursion.
      std::vector<Index> operands{left};
      while (!stopped_ && binding(lexer_.peek(Expect::term)) == binds) {
        lexer_.take(Expect::term);
        operands.push_back(expression(binds, depth));
      }
      left = join(binds == k_and ? NodeKind::all : NodeKind::any, operands, between_tokens(first));
    }
    return left;
  }

  Index join(NodeKind kind, const std::vector<Index>& nodes, const Span& at) {
    for (const Index node : nodes)
      if (node == k_none) return k_none;
    return builder_.join(kind, nodes, at);
  }

  Index prefix(unsigned depth) {  // NOLINT(misc-no-recursion)
    const Token first = lexer_.peek(Expect::term);
    bool negated = false;
    Token token = first;
    while (token.kind == TokenKind::word && lexer_.text(token) == "not") {
      negated = !negated;
      lexer_.take(token);
      token = lexer_.peek(Expect::term);
    }
    const Index node = primary(token, depth);
    if (node == k_none || !negated) return node;
    return builder_.negate(node, between_tokens(first));
  }

  Index primary(const Token& token, unsigned depth) {  // NOLINT(misc-no-recursion)
    if (token.kind == TokenKind::open) return parenthesis(token, depth);
    if (token.kind != TokenKind::word || binding(token) != 0) {
      if (token.kind == TokenKind::string) {
        error(token, fmt::format("expected a field before a value, not {} alone", name(token)));
      } else {
        error(token,
              fmt::format("expected a field, a macro, \"not\" or \"(\", not {}", name(token)));
      }
      recover();
      return k_none;
    }
    const std::string_view word = lexer_.text(token);
    const bool call = lexer_.touches(token, '(');
    const bool field = word.find('.') != std::string_view::npos || lexer_.touches(token, '[');
    if (call || field) return comparison();
    lexer_.take(token);
    const Token next = lexer_.peek(Expect::term);
    if (next.kind == TokenKind::sign || (next.kind == TokenKind::word && binding(next) == 0 &&
                                         find_operator(lexer_.text(next)) != nullptr)) {
      error(token, fmt::format("{} is no field: the name of a field has a dot", name(token)));
      recover();
      return k_none;
    }
    if (++leaves_ > k_most_comparisons) return too_long(token);
    return builder_.add_macro({std::string(word), false, span(token)});
  }

  Index parenthesis(const Token& open, unsigned depth) {  // NOLINT(misc-no-recursion)
    if (depth == k_most_parentheses) {
      error(open, fmt::format("more than {} parentheses inside each other", k_most_parentheses));
      stop();
      return k_none;
    }
    lexer_.take(open);
    const Index node = expression(0, depth + 1);
    if (stopped_) return k_none;
    const Token close = lexer_.peek(Expect::term);
    if (close.kind == TokenKind::close) {
      lexer_.take(close);
      return node;
    }
    if (close.kind == TokenKind::end) {
      error(open, "this \"(\" is not closed");
      return k_none;
    }
    error(close, fmt::format("expected \"and\", \"or\" or \")\", not {}", name(close)));
    lexer_.take(close);
    recover();
    // What follows belongs into these parentheses still.
    while (!stopped_ && binding(lexer_.peek(Expect::term)) != 0) {
      lexer_.take(Expect::term);
      expression(0, depth + 1);
    }
    if (lexer_.peek(Expect::term).kind == TokenKind::close) lexer_.take(Expect::term);
    return k_none;
  }

  // --- comparisons ---

  Index comparison() {
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
    if (++leaves_ > k_most_comparisons) return too_long(first);
    return builder_.add_comparison(made, values, between_tokens(first));
  }

  Index recovered() {
    recover();
    return k_none;
  }

  Index too_long(const Token& at) {
    error(at, fmt::format("more than {} comparisons in one condition", k_most_comparisons));
    stop();
    return k_none;
  }

  // `behind` is what it stands behind, as written.
  const OperatorDesc* comparison_operator(const std::string& behind) {
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

  bool right_side(const OperatorDesc& op, Comparison& made, std::vector<Value>& values) {
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

  bool single(const OperatorDesc& op, const Token& token, std::vector<Value>& values) {
    if (token.kind == TokenKind::open) {
      const std::string_view hint =
          op.id == Operator::equal || op.id == Operator::not_equal ? "in" : "anyof (...)";
      return error(token, fmt::format("expected one value behind {}, not a list; for a list there "
                                      "is \"{}\"",
                                      op.word, hint));
    }
    return value(token, values);
  }

  bool number(const OperatorDesc& op, const Token& token, std::vector<Value>& values) {
    const std::string_view text = lexer_.text(token);
    // A name may be a list of one number.
    if (token.kind == TokenKind::word && (is_number(text) || is_name(text)))
      return value(token, values);
    return error(token, fmt::format("expected a number behind {}, not {}", op.word, name(token)));
  }

  bool value(const Token& token, std::vector<Value>& values) {
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

  bool list(std::vector<Value>& values) {
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

  // After an error: behind the list, so that its values are not taken for a condition.
  bool in_list() {
    std::size_t deep = 1;
    while (!stopped_ && deep != 0) {
      const Token token = lexer_.take(Expect::value);
      if (token.kind == TokenKind::end) break;
      if (token.kind == TokenKind::open) ++deep;
      if (token.kind == TokenKind::close) --deep;
    }
    return false;
  }

  // --- operands ---

  Index operand(unsigned depth) {  // NOLINT(misc-no-recursion)
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

  Index field(const Token& token) {
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

  bool argument(const Token& before, std::optional<std::string>& text) {
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

  Index call(const Token& token, unsigned depth) {  // NOLINT(misc-no-recursion)
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

  bool fits(const Token& token, const TransformerDesc& transformer, std::size_t given) {
    if (given >= transformer.least && given <= transformer.most) return true;
    const std::string_view more = transformer.most > transformer.least ? " or more" : "";
    return error(token, fmt::format("{} takes {}{}, not {}", transformer.word, transformer.least,
                                    more, given));
  }

  bool unknown_call(const Token& token) {
    const std::string_view word = lexer_.text(token);
    if (find_transformer(word) != nullptr)
      return error(token, fmt::format("{} cannot stand in a list", name(token)));
    std::string hint = did_you_mean(word, transformer_words());
    if (hint.empty())
      hint = "; there is " + fmt::format("{}", fmt::join(transformer_words(), ", "));
    return error(token, fmt::format("unknown transformer {}{}", name(token), hint));
  }

  // --- helpers ---

  [[nodiscard]] bool is_call(const Token& token) const {
    return token.kind == TokenKind::word && lexer_.touches(token, '(') &&
           find_transformer(lexer_.text(token)) != nullptr;
  }

  // Is the next behind it a "("?
  [[nodiscard]] bool opens(const Token& token) const {
    Lexer ahead = lexer_;
    ahead.take(token);
    return ahead.peek(Expect::value).kind == TokenKind::open;
  }

  std::optional<std::string> unquoted(const Token& token) {
    std::size_t wrong = 0;
    auto text = unquote(lexer_.text(token), wrong);
    if (!text) {
      const Token escape{TokenKind::other, token.begin + wrong, token.begin + wrong + 2};
      error(escape, fmt::format("unknown escape {}; there is \\\\ \\\" \\' \\/ \\n \\t \\r \\b \\f",
                                in_quotes(lexer_.text(escape))));
      lexer_.take(token);
    }
    return text;
  }

  void expect_end(std::string_view what) {
    const Token rest = lexer_.peek(Expect::term);
    if (rest.kind != TokenKind::end)
      error(rest, fmt::format("expected nothing behind {}, not {}", what, name(rest)));
  }

  [[nodiscard]] std::string name(const Token& token) const {
    if (token.kind == TokenKind::end) return "the end";
    const std::string_view text = lexer_.text(token);
    if (token.kind == TokenKind::other && (text.starts_with('"') || text.starts_with('\'')))
      return "a quote that is not closed";
    return in_quotes(text);
  }

  [[nodiscard]] Span span(const Token& token) const {
    // Nothing stands at the end: its last character has a place.
    if (token.kind == TokenKind::end && !text_.empty())
      return text_.span(end_of_text(), end_of_text() + 1);
    return text_.span(token.begin, token.end);
  }

  [[nodiscard]] std::size_t end_of_text() const {
    const std::size_t last = text_.text().find_last_not_of(" \t\r\n");
    return last == std::string::npos ? 0 : last;
  }

  // From the beginning of a token to the end of what was taken last.
  [[nodiscard]] Span between_tokens(const Token& first) const {
    return text_.span(first.begin, std::max(first.end, lexer_.taken()));
  }

  [[nodiscard]] std::string source_from(const Token& first) const {
    return in_quotes(
        std::string_view(text_.text()).substr(first.begin, lexer_.taken() - first.begin));
  }

  bool error(const Token& token, std::string message) {
    if (stopped_) return false;
    problems_.error(span(token), std::move(message));
    if (++errors_ == k_most_errors) stop();
    return false;
  }

  void stop() {
    stopped_ = true;
    lexer_.stop();
  }

  // To the next `and`, `or`, or the ")" that closes what we are in.
  void recover() {
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

  static constexpr std::size_t k_most_arguments = 64;

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

}  // namespace

std::optional<Condition> parse_condition(const RuleText& text, Problems& problems) {
  return Parser(text, problems).condition();
}

std::optional<Condition> parse_operand(const RuleText& text, Problems& problems) {
  return Parser(text, problems).operand_alone();
}

std::optional<OperatorWords> parse_operator(const RuleText& text, Problems& problems) {
  return Parser(text, problems).operator_alone();
}

std::optional<std::vector<Value>> parse_list(const RuleText& text, Problems& problems) {
  return Parser(text, problems).list_alone();
}

}  // namespace gancho::rules
