// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "rules/load.h"
#include "rules/rule_evaluator.h"
#include "support/facts.h"
#include "support/record_builder.h"

namespace gancho::rules {
namespace {

std::string rule(std::string_view name, std::string_view condition) {
  return fmt::format("- rule: {}\n  desc: d\n  condition: {}\n  output: o\n  priority: INFO\n",
                     name, condition);
}

TypedRules typed(const std::string& text) {
  Loaded loaded = load_rules({{"r.yaml", text}});
  auto made = type_rules(*loaded.rules, loaded.problems);
  return std::move(*made);
}

// How many rules are looked at for an exec of that name and path.
std::size_t looked_at(const TypedRules& rules, std::string_view name, std::string_view path) {
  const EventDesc& exec = *find_event("exec");
  const RuleIndex index(rules, exec.type);
  const test::SampleFacts facts;
  TermValues values(rules.terms, facts);
  test::RecordBuilder record(exec);
  record.text("proc.name", name).text("proc.exepath", path);
  const EventView event = record.view();
  values.begin(event);
  RuleBits left;
  index.candidates(values, left);
  std::size_t count = 0;
  for (const std::uint64_t word : left) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

TEST(RuleIndex, OfAThousandRulesThoseThatKnowTheText) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text +=
        rule(fmt::format("R{}", i),
             fmt::format("evt.type = execve and proc.name in (n{}, m{}) and evt.num >= 0", i, i));
  const TypedRules rules = typed(text);
  EXPECT_EQ(looked_at(rules, "other", "/bin/x"), 0);
  EXPECT_EQ(looked_at(rules, "n7", "/bin/x"), 1);
  EXPECT_EQ(looked_at(rules, "m999", "/bin/x"), 1);
}

TEST(RuleIndex, OneOfTwoDemandsIsEnough) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += rule(fmt::format("R{}", i),
                 fmt::format("evt.type = execve and (proc.name = n{} or proc.exepath startswith "
                             "/opt/{}/ or (proc.exepath endswith .{} and evt.num >= 0))",
                             i, i, i));
  const TypedRules rules = typed(text);
  EXPECT_EQ(looked_at(rules, "other", "/bin/x"), 0);
  EXPECT_EQ(looked_at(rules, "n7", "/opt/8/x.9"), 3);
  EXPECT_EQ(looked_at(rules, "n7", "/opt/8/x.9.so"), 2);
}

TEST(RuleIndex, WhatIsNegatedOrMayBeWithoutIsNoDemand) {
  // The first three are looked at whatever the event is.
  const TypedRules rules =
      typed(rule("A", "evt.type = execve and not proc.name = a") +
            rule("B", "evt.type = execve and (proc.name = b or evt.num >= 0)") +
            rule("C",
                 "evt.type = execve and not (proc.name != c and "
                 "not proc.exepath contains x)") +
            rule("D", "evt.type = execve and not proc.name != d"));
  EXPECT_EQ(looked_at(rules, "z", "/bin/x"), 3);
  EXPECT_EQ(looked_at(rules, "d", "/bin/x"), 4);
}

TEST(RuleIndex, WhatIsInsideOfTheText) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += rule(fmt::format("R{}", i),
                 fmt::format("evt.type = execve and (proc.exepath icontains /Hidden{}. or "
                             "proc.exepath glob '*/.cache/*/n{}-*')",
                             i, i));
  const TypedRules rules = typed(text);
  EXPECT_EQ(looked_at(rules, "x", "/bin/x"), 0);
  EXPECT_EQ(looked_at(rules, "x", "/opt/hidden7.d/x"), 1);
  EXPECT_EQ(looked_at(rules, "x", "/home/u/.cache/a/n17-1"), 1);
}

TEST(RuleIndex, AFewThatLookInsideAreAsSoonEvaluated) {
  const TypedRules rules = typed(rule("A", "evt.type = execve and proc.exepath contains /hidden") +
                                 rule("B", "evt.type = execve and proc.exepath contains /secret"));
  EXPECT_EQ(looked_at(rules, "x", "/bin/x"), 2);
}

TEST(RuleIndex, OneAnswerRulesOutAllThatNeedItOfThisEvent) {
  // Of other events they need something else.
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += rule(fmt::format("R{}", i),
                 fmt::format("evt.num >= {} and ((evt.type = execve and proc.is_suid = true) or "
                             "(evt.type = open and evt.is_open_write = true))",
                             i));
  EXPECT_EQ(looked_at(typed(text), "x", "/bin/x"), 0);
}

TEST(RuleIndex, ATextThatMostAskForTellsThemNotApart) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text +=
        rule(fmt::format("R{}", i),
             fmt::format("evt.type = execve and proc.name = common and proc.exepath = /p{}", i));
  const TypedRules rules = typed(text);
  EXPECT_EQ(looked_at(rules, "common", "/p3"), 1);
}

}  // namespace
}  // namespace gancho::rules
