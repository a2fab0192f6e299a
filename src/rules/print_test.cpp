// SPDX-License-Identifier: Apache-2.0
#include "rules/print.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "rules/condition_builder.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace gancho::rules {
namespace {

template <class T>
T pick(std::initializer_list<T> all) {
  return *rc::gen::elementOf(std::vector<T>(all));
}

Value some_value() {
  const bool bare = *rc::gen::arbitrary<bool>();
  if (!bare) return {*rc::gen::arbitrary<std::string>(), true, {}};
  return {pick<std::string>({"nginx", "and", "not", "anyof", "0x1f", "-1", "/etc/*", "a.b", "val",
                             "runc:[0:PARENT]", "<NA>", "5e+3", "{}", "ü"}),
          false,
          {}};
}

std::vector<Value> some_values() {
  std::vector<Value> values;
  for (auto count = *rc::gen::inRange(0, 4); count > 0; --count) values.push_back(some_value());
  return values;
}

Index some_operand(ConditionBuilder& builder, int depth) {
  const auto named = [](OperandKind kind, std::string name) {
    return Operand{
        .kind = kind, .name = std::move(name), .argument = {}, .arguments = {}, .at = {}};
  };
  if (depth > 0 && *rc::gen::inRange(0, 4) == 0)
    return builder.add_operand(named(OperandKind::text, *rc::gen::arbitrary<std::string>()));
  if (depth == 4 || *rc::gen::inRange(0, 3) != 0) {
    Operand field = named(OperandKind::field,
                          pick<std::string>({"proc.name", "evt.arg.0", "a_b.c_1.d", "fd.net"}));
    if (*rc::gen::arbitrary<bool>())
      field.argument = pick<std::string>({"2", "flags", "a/b.c-d", "with blank", "[]", "\"'\\"});
    return builder.add_operand(std::move(field));
  }
  const TransformerDesc& transformer = describe(static_cast<Transformer>(*rc::gen::inRange(0, 9)));
  std::vector<Index> arguments;
  const auto least = static_cast<int>(transformer.least);
  const int count = transformer.most > least ? *rc::gen::inRange(least, least + 3) : least;
  for (int i = 0; i < count; ++i) arguments.push_back(some_operand(builder, depth + 1));
  Operand call = named(OperandKind::transformer, "");
  call.transformer = transformer.id;
  if (transformer.selects && *rc::gen::arbitrary<bool>()) call.argument = "e";
  return builder.add_operand(std::move(call), arguments);
}

Index some_comparison(ConditionBuilder& builder) {
  const OperatorDesc& op = describe(static_cast<Operator>(*rc::gen::inRange(0, 19)));
  Comparison made{.op = op.id, .values = {}, .at = {}};
  made.left = some_operand(builder, 0);
  std::vector<Value> values;
  if (op.takes != Takes::nothing && *rc::gen::inRange(0, 4) == 0) {
    Operand field{.kind = OperandKind::field,
                  .name = "proc.pname",
                  .argument = {},
                  .arguments = {},
                  .at = {}};
    Operand val{
        .kind = OperandKind::transformer, .name = {}, .argument = {}, .arguments = {}, .at = {}};
    const std::vector<Index> inside{builder.add_operand(std::move(field))};
    made.right = builder.add_operand(std::move(val), inside);
  } else if (op.takes == Takes::list) {
    values = some_values();
  } else if (op.takes == Takes::number) {
    values = {{pick<std::string>({"0", "-1", "0xff", "1.5"}), false, {}}};
  } else if (op.takes == Takes::value) {
    if (op.modifiable && *rc::gen::arbitrary<bool>()) {
      made.modifier = static_cast<Modifier>(*rc::gen::inRange(1, 4));
      values = some_values();
    } else {
      values = {some_value()};
    }
  }
  return builder.add_comparison(made, values, {});
}

Index some_node(ConditionBuilder& builder, int depth) {
  const int choice = depth == 5 ? *rc::gen::inRange(0, 2) : *rc::gen::inRange(0, 5);
  if (choice == 0)
    return builder.add_macro({pick<std::string>({"open_read", "notable", "order"}), false, {}});
  if (choice == 1) return some_comparison(builder);
  if (choice == 2) return builder.negate(some_node(builder, depth + 1), {});
  std::vector<Index> nodes;
  for (auto count = *rc::gen::inRange(1, 4); count > 0; --count)
    nodes.push_back(some_node(builder, depth + 1));
  return builder.join(choice == 3 ? NodeKind::all : NodeKind::any, nodes, {});
}

Condition some_condition() {
  ConditionBuilder builder;
  return builder.finish(some_node(builder, 0));
}

std::optional<Condition> parse(const std::string& text) {
  Problems problems;
  auto condition = parse_condition(RuleText(text), problems);
  for (const Problem& problem : problems.kept()) RC_LOG() << problem.message << "\n";
  return condition;
}

TEST(Print, IsReadBack) {
  EXPECT_TRUE(rc::check("parse(print(condition)) == condition", [] {
    for (int i = 0; i < 50; ++i) {
      const Condition condition = some_condition();
      const std::string text = print_condition(condition);
      RC_LOG() << text << "\n";
      const auto again = parse(text);
      RC_ASSERT(again.has_value());
      RC_ASSERT(same(*again, condition));
    }
  }));
}

// Blanks, newlines, parentheses and pairs of `not` that mean nothing.
std::string loosened(const std::string& text) {
  std::string loose;
  Lexer lexer(text);
  std::size_t at = 0;
  while (true) {
    const Token token = lexer.take(Expect::value);
    if (token.kind == TokenKind::end) return loose;
    // What stands together stays together: "proc.aname[2]", "tolower(".
    if (token.begin > at) loose += pick<std::string>({" ", "\n", "\t ", "  \r\n"});
    loose += lexer.text(token);
    at = token.end;
  }
}

TEST(Print, LayoutMeansNothing) {
  EXPECT_TRUE(rc::check("blanks, parentheses and double negation change nothing", [] {
    const Condition condition = some_condition();
    const std::string text = pick<std::string>({"(", "( (", "not not (", "not(not ("}) +
                             loosened(print_condition(condition)) + ")";
    const std::string whole =
        text + (text.starts_with("( (") || text.starts_with("not(") ? ")" : "");
    RC_LOG() << whole << "\n";
    const auto again = parse(whole);
    RC_ASSERT(again.has_value());
    RC_ASSERT(same(*again, condition));
    RC_ASSERT(print_condition(*again) == print_condition(condition));
  }));
}

TEST(Print, NothingMakesTheParserFall) {
  const auto pieces = std::vector<std::string>{
      "a",  "a.b", "(",  ")",      ",",   "=",   "!=",  "<", "\"",    "'", "\\", "[",  "]",
      "in", "not", "or", "exists", "val", "len", "and", "b", "oneof", " ", "\n", "-1", "\xff"};
  EXPECT_TRUE(rc::check("any sequence of pieces is a condition or has an error", [&] {
    std::string text;
    for (const std::string& piece :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
      text += piece + (*rc::gen::arbitrary<bool>() ? " " : "");
    Problems problems;
    const auto condition = parse_condition(RuleText(text), problems);
    RC_ASSERT(condition.has_value() == (problems.errors() == 0));
    if (!condition) return;
    Problems none;
    const auto again = parse_condition(RuleText(print_condition(*condition)), none);
    RC_ASSERT(again.has_value());
    RC_ASSERT(same(*again, *condition));
  }));
}

TEST(Print, ReadsWell) {
  Problems problems;
  const auto condition = parse_condition(
      RuleText("(evt.type in (open,openat) and fd.typechar='f' and (a or not (b or c)))"),
      problems);
  ASSERT_TRUE(condition);
  EXPECT_EQ(print_condition(*condition),
            "evt.type in (open, openat) and fd.typechar = \"f\" and (a or not (b or c))");
}

}  // namespace
}  // namespace gancho::rules
