// SPDX-License-Identifier: Apache-2.0
#include "rules/parser.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "rules/comparison_parser.h"
#include "rules/lexer.h"

namespace gancho::rules {
namespace {

class Parser : private ComparisonParser {
 public:
  Parser(const RuleText& text, Problems& problems) : ComparisonParser(text, problems) {}

  std::optional<Condition> condition() {
    const Index root = expression(0, 0);
    while (!stopped()) {
      const Token rest = lexer().peek(Expect::term);
      if (rest.kind == TokenKind::end) break;
      // Only a ")" that nothing opened stops an expression before its end.
      error(rest, rest.kind == TokenKind::close
                      ? std::string("\")\" closes no \"(\"")
                      : fmt::format("expected \"and\" or \"or\", not {}", name(rest)));
      lexer().take(rest);
      recover();
      while (!stopped() && binding(lexer().peek(Expect::term)) != 0) {
        lexer().take(Expect::term);
        expression(0, 0);
      }
    }
    if (wrong()) return std::nullopt;
    return builder().finish(root);
  }

  std::optional<Condition> operand_alone() {
    const Index index = operand(0);
    if (!wrong()) expect_end("the field");
    if (wrong()) return std::nullopt;
    return alone(index);
  }

  std::optional<CallInText> call_at(std::size_t begin) {
    lexer().take({.kind = TokenKind::other, .begin = begin, .end = begin});
    const Index index = operand(0);
    if (wrong()) return std::nullopt;
    return CallInText{.operand = alone(index), .end = lexer().taken()};
  }

  std::optional<OperatorWords> operator_alone() {
    OperatorWords words;
    const OperatorDesc* op = comparison_operator("");
    if (op == nullptr) return std::nullopt;
    words.op = op->id;
    const Token next = lexer().peek(Expect::term);
    if (const auto modifier = find_modifier(lexer().text(next)); modifier && op->modifiable) {
      words.modifier = *modifier;
      lexer().take(next);
    }
    expect_end("the operator");
    if (wrong()) return std::nullopt;
    return words;
  }

  std::optional<std::vector<Value>> list_alone() {
    std::vector<Value> values;
    list(values);
    if (!wrong()) expect_end("the list");
    if (wrong()) return std::nullopt;
    return values;
  }

 private:
  Condition alone(Index operand) {
    const Index node = builder().add_comparison(
        {.op = Operator::exists, .left = operand, .values = {}, .at = {}}, {}, {});
    return builder().finish(node);
  }

  // What binds tighter than `least`. k_none after an error.
  Index expression(int least, unsigned depth) {  // NOLINT(misc-no-recursion)
    const Token first = lexer().peek(Expect::term);
    Index left = prefix(depth);
    while (!stopped()) {
      const int binds = binding(lexer().peek(Expect::term));
      if (binds <= least) break;
      // A chain is one node, and no recursion.
      std::vector<Index> operands{left};
      while (!stopped() && binding(lexer().peek(Expect::term)) == binds) {
        lexer().take(Expect::term);
        operands.push_back(expression(binds, depth));
      }
      left = join(binds == k_and ? NodeKind::all : NodeKind::any, operands, between_tokens(first));
    }
    return left;
  }

  Index join(NodeKind kind, const std::vector<Index>& nodes, const Span& at) {
    for (const Index node : nodes)
      if (node == k_none) return k_none;
    return builder().join(kind, nodes, at);
  }

  Index prefix(unsigned depth) {  // NOLINT(misc-no-recursion)
    const Token first = lexer().peek(Expect::term);
    bool negated = false;
    Token token = first;
    while (token.kind == TokenKind::word && lexer().text(token) == "not") {
      negated = !negated;
      lexer().take(token);
      token = lexer().peek(Expect::term);
    }
    const Index node = primary(token, depth);
    if (node == k_none || !negated) return node;
    return builder().negate(node, between_tokens(first));
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
    const std::string_view word = lexer().text(token);
    const bool call = lexer().touches(token, '(');
    const bool field = word.find('.') != std::string_view::npos || lexer().touches(token, '[');
    if (call || field) return comparison();
    lexer().take(token);
    const Token next = lexer().peek(Expect::term);
    if (next.kind == TokenKind::sign || (next.kind == TokenKind::word && binding(next) == 0 &&
                                         find_operator(lexer().text(next)) != nullptr)) {
      error(token, fmt::format("{} is no field: the name of a field has a dot", name(token)));
      recover();
      return k_none;
    }
    if (!count_leaf(token)) return k_none;
    return builder().add_macro({std::string(word), false, span(token)});
  }

  Index parenthesis(const Token& open, unsigned depth) {  // NOLINT(misc-no-recursion)
    if (depth == k_most_parentheses) {
      error(open, fmt::format("more than {} parentheses inside each other", k_most_parentheses));
      stop();
      return k_none;
    }
    lexer().take(open);
    const Index node = expression(0, depth + 1);
    if (stopped()) return k_none;
    const Token close = lexer().peek(Expect::term);
    if (close.kind == TokenKind::close) {
      lexer().take(close);
      return node;
    }
    if (close.kind == TokenKind::end) {
      error(open, "this \"(\" is not closed");
      return k_none;
    }
    error(close, fmt::format("expected \"and\", \"or\" or \")\", not {}", name(close)));
    lexer().take(close);
    recover();
    // What follows belongs into these parentheses still.
    while (!stopped() && binding(lexer().peek(Expect::term)) != 0) {
      lexer().take(Expect::term);
      expression(0, depth + 1);
    }
    if (lexer().peek(Expect::term).kind == TokenKind::close) lexer().take(Expect::term);
    return k_none;
  }
};

}  // namespace

std::optional<Condition> parse_condition(const RuleText& text, Problems& problems) {
  return Parser(text, problems).condition();
}

std::optional<Condition> parse_operand(const RuleText& text, Problems& problems) {
  return Parser(text, problems).operand_alone();
}

std::optional<CallInText> parse_call(const RuleText& text, std::size_t begin, Problems& problems) {
  return Parser(text, problems).call_at(begin);
}

std::optional<OperatorWords> parse_operator(const RuleText& text, Problems& problems) {
  return Parser(text, problems).operator_alone();
}

std::optional<std::vector<Value>> parse_list(const RuleText& text, Problems& problems) {
  return Parser(text, problems).list_alone();
}

}  // namespace gancho::rules
