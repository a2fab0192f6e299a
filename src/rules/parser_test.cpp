// SPDX-License-Identifier: Apache-2.0
#include "rules/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "rules/print.h"

namespace gancho::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// As it is read, on one line; or the errors, one a line.
std::string read(std::string_view text) {
  Problems problems;
  const auto condition = parse_condition(RuleText(text), problems);
  EXPECT_EQ(condition.has_value(), problems.errors() == 0);
  if (condition) return print_condition(*condition);
  std::string all;
  for (const Problem& problem : problems.kept()) {
    all += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + "+" +
           std::to_string(problem.at.length) + ": " + problem.message + "\n";
  }
  return all;
}

Condition parsed(std::string_view text) {
  Problems problems;
  auto condition = parse_condition(RuleText(text), problems);
  EXPECT_TRUE(condition) << text << ": "
                         << (problems.kept().empty() ? "" : problems.kept()[0].message);
  return condition ? *condition : Condition{};
}

std::string repeated(std::size_t times, std::string_view what) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

TEST(Parser, Comparisons) {
  EXPECT_EQ(read("proc.name=nginx"), "proc.name = nginx");
  EXPECT_EQ(read("proc.name == 'nginx'"), "proc.name = \"nginx\"");
  EXPECT_EQ(read("proc.name!=\"sshd\""), "proc.name != \"sshd\"");
  EXPECT_EQ(read("fd.num>=0"), "fd.num >= 0");
  EXPECT_EQ(read("fd.num = -1"), "fd.num = -1");
  EXPECT_EQ(read("proc.duration <= 5000000000"), "proc.duration <= 5000000000");
  EXPECT_EQ(read("proc.pname exists"), "proc.pname exists");
  EXPECT_EQ(read("fd.name glob '*../*../*'"), "fd.name glob \"*../*../*\"");
  EXPECT_EQ(read("proc.args regex ^a.*$"), "proc.args regex ^a.*$");
  EXPECT_EQ(read("fd.name pmatch (/etc, /usr)"), "fd.name pmatch (/etc, /usr)");
  EXPECT_EQ(read("fd.name in()"), "fd.name in ()");
  EXPECT_EQ(read("evt.type in (open,openat , 'a b')"), "evt.type in (open, openat, \"a b\")");
  EXPECT_EQ(read("proc.name in shells"), "proc.name in (shells)");
  EXPECT_EQ(read("proc.pname in (runc:[0:PARENT], conmon)"),
            "proc.pname in (runc:[0:PARENT], conmon)");
  EXPECT_EQ(read("proc.name = and"), "proc.name = and");
}

TEST(Parser, Arguments) {
  EXPECT_EQ(read("proc.aname[2]=x"), "proc.aname[2] = x");
  EXPECT_EQ(read("evt.arg[flags] contains O_TRUNC"), "evt.arg[flags] contains O_TRUNC");
  EXPECT_EQ(read("proc.env[\"A B\"] = 1"), "proc.env[\"A B\"] = 1");
  EXPECT_EQ(read("k8s.pod.label[app.kubernetes.io/name] exists"),
            "k8s.pod.label[app.kubernetes.io/name] exists");
}

TEST(Parser, Modifiers) {
  EXPECT_EQ(read("fd.name endswith anyof (.sh, '.py')"), "fd.name endswith anyof (.sh, \".py\")");
  EXPECT_EQ(read("proc.args contains allof(a,b)"), "proc.args contains allof (a, b)");
  EXPECT_EQ(read("proc.name != oneof (a)"), "proc.name != oneof (a)");
  // Without a list it is a value like any other.
  EXPECT_EQ(read("proc.name = anyof and fd.num=1"), "proc.name = anyof and fd.num = 1");
}

TEST(Parser, Transformers) {
  EXPECT_EQ(read("tolower(proc.name) = nginx"), "tolower(proc.name) = nginx");
  EXPECT_EQ(read("toupper( basename( fd.name ) ) startswith A"),
            "toupper(basename(fd.name)) startswith A");
  EXPECT_EQ(read("proc.name = val(proc.pname)"), "proc.name = val(proc.pname)");
  EXPECT_EQ(read("val(proc.name) in val(proc.aname)"), "val(proc.name) in val(proc.aname)");
  EXPECT_EQ(read("len(proc.cmdline)>len(proc.pcmdline)"), "len(proc.cmdline) > len(proc.pcmdline)");
  EXPECT_EQ(read("join(\",\", proc.args) contains x"), "join(\",\", proc.args) contains x");
  EXPECT_EQ(read("concat(proc.name, '/', proc.pname) = a"),
            "concat(proc.name, \"/\", proc.pname) = a");
  EXPECT_EQ(read("getopt(proc.args, 'e:')[e] exists"), "getopt(proc.args, \"e:\")[e] exists");
}

TEST(Parser, Precedence) {
  EXPECT_EQ(read("a or b and c"), "a or (b and c)");
  EXPECT_EQ(read("a and b or c"), "(a and b) or c");
  EXPECT_EQ(read("(a or b) and c"), "(a or b) and c");
  EXPECT_EQ(read("not a and b"), "not a and b");
  EXPECT_EQ(read("not (a and b)"), "not (a and b)");
  EXPECT_EQ(read("not proc.name exists or a"), "not proc.name exists or a");
  EXPECT_EQ(read("a and(b)or(c)and not(d)"), "(a and b) or (c and not d)");
}

TEST(Parser, NormalForm) {
  EXPECT_EQ(read("((a) and (b and (c)))"), "a and b and c");
  EXPECT_EQ(read("not not a"), "a");
  EXPECT_EQ(read("not (not a)"), "a");
  EXPECT_EQ(read("not (not not a)"), "not a");
  EXPECT_EQ(read("not not not a"), "not a");
  const Condition condition = parsed("a and (b and c) and (d or (e or f))");
  EXPECT_EQ(condition.nodes.size(), 8U);
  EXPECT_EQ(condition.nodes.back().kind, NodeKind::all);
  EXPECT_EQ(condition.nodes.back().parts.count, 4U);
}

TEST(Parser, NodesStandBeforeTheirParents) {
  const Condition condition = parsed("a and not (b or c.d=1 or (e and f))");
  for (Index i = 0; i < condition.nodes.size(); ++i) {
    const Node& node = condition.nodes[i];
    if (node.kind == NodeKind::comparison || node.kind == NodeKind::macro) continue;
    for (const Index child : condition.children_of(node)) EXPECT_LT(child, i);
  }
}

TEST(Parser, LinesOfBlockScalars) {
  EXPECT_EQ(read("open_read\n  and proc.name in (a,\n b)\n"), "open_read and proc.name in (a, b)");
  const Condition condition = parsed("a\n  and proc.name\n= b");
  const Comparison& comparison = condition.comparisons[0];
  EXPECT_EQ(condition.operands[comparison.left].at, (Span{0, 2, 7, 9}));
  EXPECT_EQ(comparison.at, (Span{0, 3, 1, 1}));
  EXPECT_EQ(condition.values_of(comparison)[0].at, (Span{0, 3, 3, 1}));
}

TEST(ParserErrors, SayWhatWasExpected) {
  EXPECT_EQ(read("proc.name startwith a"),
            "1:11+9: expected an operator behind \"proc.name\", not \"startwith\"; did you mean "
            "\"startswith\"?\n");
  EXPECT_THAT(read("proc.name and a"), HasSubstr("expected an operator behind \"proc.name\""));
  EXPECT_EQ(read("name = a"), "1:1+4: \"name\" is no field: the name of a field has a dot\n");
  EXPECT_EQ(read("tolowr(proc.name) = a"),
            "1:1+6: unknown transformer \"tolowr\"; did you mean \"tolower\"?\n");
  EXPECT_EQ(read("proc.name = tolowr(proc.pname)"),
            "1:13+6: unknown transformer \"tolowr\"; did you mean \"tolower\"?\n");
  EXPECT_EQ(read("fd.num > x-y"), "1:10+3: expected a number behind >, not \"x-y\"\n");
  EXPECT_EQ(read("proc.name = (a, b)"),
            "1:13+1: expected one value behind =, not a list; for a list there is \"in\"\n");
  EXPECT_THAT(read("proc.name contains (a, b)"), HasSubstr("anyof (...)"));
  EXPECT_EQ(read("proc.name ="), "1:11+1: expected a value, not the end\n");
  EXPECT_EQ(read("proc.name in (a b)"), "1:17+1: expected \",\" or \")\" in the list, not \"b\"\n");
  EXPECT_EQ(read("proc.name in (a, )"), "1:18+1: expected a value, not \")\"\n");
  EXPECT_EQ(read("proc.name in (a"), "1:14+1: this \"(\" is not closed\n");
  EXPECT_EQ(read("proc.name in \"a\""),
            "1:14+3: expected a list in parentheses, not \"\\\"a\\\"\"\n");
  EXPECT_EQ(read("(a and b"), "1:1+1: this \"(\" is not closed\n");
  EXPECT_EQ(read("a)"), "1:2+1: \")\" closes no \"(\"\n");
  EXPECT_EQ(read("a b"), "1:3+1: expected \"and\" or \"or\", not \"b\"\n");
  EXPECT_EQ(read("a and"), "1:5+1: expected a field, a macro, \"not\" or \"(\", not the end\n");
  EXPECT_EQ(read(""), "0:0+0: expected a field, a macro, \"not\" or \"(\", not the end\n");
  EXPECT_EQ(read("proc.name = \"a"), "1:13+2: expected a value, not a quote that is not closed\n");
  EXPECT_THAT(read("proc.name = \"a\\qb\""), StartsWith("1:15+2: unknown escape \"\\\\q\""));
  EXPECT_THAT(read("proc.aname[] = a"), StartsWith("1:11+1: expected a number or a name"));
  EXPECT_THAT(read("proc.name in (val(proc.pname))"), HasSubstr("cannot stand in a list"));
  EXPECT_EQ(read("join(proc.args) = a"), "1:1+4: join takes 2, not 1\n");
  EXPECT_EQ(read("concat(proc.args) = a"), "1:1+6: concat takes 2 or more, not 1\n");
  EXPECT_THAT(read("tolower(name) = a"), StartsWith("1:9+4: \"name\" is no field"));
}

TEST(ParserErrors, SeveralInOneRun) {
  EXPECT_EQ(read("proc.name startwith a and (fd.num > b- or fd.name endwith c)\n or tolowr(a.b)=1"),
            "1:11+9: expected an operator behind \"proc.name\", not \"startwith\"; did you mean "
            "\"startswith\"?\n"
            "1:37+2: expected a number behind >, not \"b-\"\n"
            "1:51+7: expected an operator behind \"fd.name\", not \"endwith\"; did you mean "
            "\"endswith\"?\n"
            "2:5+6: unknown transformer \"tolowr\"; did you mean \"tolower\"?\n");
  EXPECT_EQ(read("(a b) and c d or e"),
            "1:4+1: expected \"and\", \"or\" or \")\", not \"b\"\n"
            "1:13+1: expected \"and\" or \"or\", not \"d\"\n");
}

TEST(ParserErrors, AreNotEndless) {
  Problems problems;
  EXPECT_FALSE(parse_condition(RuleText(repeated(1000, ") = and ")), problems));
  EXPECT_LE(problems.errors(), 10U);
}

TEST(ParserHostile, DepthIsBounded) {
  EXPECT_EQ(read(repeated(200, "(") + "a" + repeated(200, ")")), "a");
  EXPECT_EQ(read(repeated(201, "(") + "a" + repeated(201, ")")),
            "1:201+1: more than 200 parentheses inside each other\n");
  EXPECT_THAT(read(repeated(10'000, "(")), HasSubstr("more than 200 parentheses"));
  EXPECT_THAT(read(repeated(10'000, "not (")), HasSubstr("more than 200 parentheses"));
  EXPECT_EQ(read(repeated(10'000, "not ") + "a"), "a");
  EXPECT_THAT(read(repeated(10'000, "tolower(")), HasSubstr("more than 16 transformers"));
}

TEST(ParserHostile, LengthIsBounded) {
  EXPECT_EQ(parsed("a" + repeated(9'999, " and a")).nodes.size(), 10'001U);
  EXPECT_THAT(read("a" + repeated(10'000, " or a")), HasSubstr("more than 10000 comparisons"));
  EXPECT_THAT(read("a.b in (x" + repeated(100'000, ",x") + ")"),
              HasSubstr("more than 100000 values"));
}

TEST(ParserHostile, IsRefusedAtOnce) {
  const auto before = std::chrono::steady_clock::now();
  const std::string nested = repeated(200, "(a and ") + "a" + repeated(200, ")");
  for (int i = 0; i < 10; ++i) {
    (void)read(repeated(200'000, "(a or "));
    (void)read(repeated(200'000, "a.b = "));
    (void)read(nested + repeated(9'000, " and a"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST(ParserParts, OperatorsOfExceptions) {
  Problems problems;
  const auto words = parse_operator(RuleText("startswith anyof"), problems);
  ASSERT_TRUE(words);
  EXPECT_EQ(words->op, Operator::startswith);
  EXPECT_EQ(words->modifier, Modifier::anyof);
  EXPECT_EQ(parse_operator(RuleText("="), problems)->op, Operator::equal);
  EXPECT_FALSE(parse_operator(RuleText("in anyof"), problems));
  EXPECT_FALSE(parse_operator(RuleText("like"), problems));
}

TEST(ParserParts, FieldsAndListsOfExceptions) {
  Problems problems;
  const auto operand = parse_operand(RuleText("tolower(proc.aname[2])"), problems);
  ASSERT_TRUE(operand);
  EXPECT_EQ(print_operand(*operand, operand->comparisons[0].left), "tolower(proc.aname[2])");
  EXPECT_FALSE(parse_operand(RuleText("proc.name = a"), problems));
  const auto list = parse_list(RuleText("(a, \"b c\")"), problems);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[1].text, "b c");
  EXPECT_FALSE(parse_list(RuleText("(a, b) c"), problems));
}

}  // namespace
}  // namespace gancho::rules
