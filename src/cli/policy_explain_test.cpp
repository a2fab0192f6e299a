// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_explain.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <boost/json.hpp>
#include <string>

#include "rules/load.h"

namespace gancho {
namespace {

constexpr auto k_rules =
    "- rule: Shell by a server\n  desc: d\n"
    "  condition: evt.type = execve and proc.name in (bash, sh) and not proc.aname = sshd\n"
    "  output: o %proc.cmdline\n  priority: WARNING\n"
    "- rule: Secret read\n  desc: d\n"
    "  condition: evt.type = open and evt.is_open_read = true\n"
    "    and (fd.name startswith /root/.ssh or fd.name = /etc/shadow)\n"
    "  output: o %fd.name\n  priority: ERROR\n"
    "- rule: Secret read by a shell\n  desc: d\n"
    "  condition: evt.type = open and evt.is_open_read = true and proc.name in (bash, sh)\n"
    "  output: o\n  priority: ERROR\n"
    "- rule: Off\n  desc: d\n  condition: evt.num = 0\n  output: o\n  priority: INFO\n"
    "  enabled: false\n"
    "- rule: Blind\n  desc: d\n  condition: evt.buffer contains a\n  output: o\n"
    "  priority: DEBUG\n";

class PolicyExplain : public ::testing::Test {
 protected:
  PolicyExplain()
      : loaded_(rules::load_rules({{"r.yaml", k_rules}})),
        typed_(*type_rules(*loaded_.rules, loaded_.problems)),
        explanation_(explain(*loaded_.rules, typed_)) {}

  const rules::ExplainedRule& rule(std::string_view name) const {
    for (const rules::ExplainedRule& one : explanation_.rules)
      if (one.rule->name == name) return one;
    throw std::out_of_range("no such rule");
  }
  const rules::ExplainedEvent& event(std::string_view name) const {
    for (const rules::ExplainedEvent& one : explanation_.events)
      if (one.event->name == name) return one;
    throw std::out_of_range("no such event");
  }
  static const rules::UsedField* field(const std::vector<rules::UsedField>& all,
                                       std::string_view name) {
    for (const rules::UsedField& one : all)
      if (one.name == name) return &one;
    return nullptr;
  }

  rules::Loaded loaded_;
  rules::TypedRules typed_;
  rules::Explanation explanation_;
};

TEST_F(PolicyExplain, StepsLeadAsTheConditionSays) {
  const auto& steps = rule("Secret read").steps;
  ASSERT_EQ(steps.size(), 4);
  EXPECT_TRUE(steps[0].by_type);
  EXPECT_EQ(steps[0].ns, 0);
  EXPECT_EQ(steps[1].asks, "evt.is_open_read = true");
  EXPECT_EQ(steps[1].holds, 2);
  EXPECT_EQ(steps[1].otherwise, rules::Step::k_no_match);
  EXPECT_EQ(steps[1].others, 1);
  EXPECT_EQ(steps[2].asks, "fd.name startswith /root/.ssh");
  EXPECT_EQ(steps[2].holds, rules::Step::k_match);
  EXPECT_EQ(steps[2].otherwise, 3);
  EXPECT_EQ(steps[3].otherwise, rules::Step::k_no_match);
  EXPECT_EQ(rule("Shell by a server").steps[2].asks, "not proc.aname = sshd");
  EXPECT_EQ(rule("Shell by a server").steps[2].holds, rules::Step::k_match);
  // Its field has been read for the step before.
  EXPECT_LT(steps[3].ns, steps[2].ns);
  EXPECT_EQ(rule("Secret read").first_ns, steps[1].ns);
}

TEST(PolicyExplainPaths, AreLeftOutWhenNothingAsksForThem) {
  const auto left_out = [](std::string_view output) {
    rules::Loaded loaded = rules::load_rules(
        {{"r.yaml",
          fmt::format("- rule: R\n  desc: d\n  condition: evt.type in (unlink, execve) and "
                      "proc.name = sh\n  output: {}\n  priority: INFO\n",
                      output)}});
    const rules::TypedRules typed = *type_rules(*loaded.rules, loaded.problems);
    return explain_text(explain(*loaded.rules, typed), typed, {});
  };
  EXPECT_NE(left_out("o").find("  left out      fs.path.name, fs.path.hostpath: nothing asks for"),
            std::string::npos);
  const std::string others = "  left out      proc.env: nothing asks for it";
  EXPECT_NE(left_out("o %fs.path.hostpath").find(others), std::string::npos);
  EXPECT_EQ(left_out("o %fs.path.hostpath").find("left out      fs."), std::string::npos);
  EXPECT_EQ(left_out("o %proc.aenv[HOME]").find(others), std::string::npos);
}

TEST_F(PolicyExplain, FieldsAreThoseOfConditionsAndOutputs) {
  const auto& fields = event("open").fields;
  const rules::UsedField* name = field(fields, "fd.name");
  ASSERT_NE(name, nullptr);
  EXPECT_FALSE(name->output_only);
  EXPECT_TRUE(name->cost.has_value());
  EXPECT_EQ(field(fields, "proc.aname"), nullptr);
  EXPECT_TRUE(field(event("exec").fields, "proc.cmdline")->output_only);
  EXPECT_FALSE(field(event("exec").fields, "proc.aname")->output_only);
}

TEST_F(PolicyExplain, TheIndexLooksTextsUp) {
  const auto& first = event("open").look_ups;
  std::size_t rules = 0;
  for (const rules::FirstLookUp& one : first) rules += one.rules;
  // /root/.ssh by its beginning, /etc/shadow as a whole: two look-ups for one rule.
  EXPECT_EQ(rules, 3);
  EXPECT_EQ(explanation_.watched, (std::vector<std::string>{"exec", "open"}));
}

TEST_F(PolicyExplain, Text) {
  const std::string text = explain_text(explanation_, typed_, "");
  EXPECT_TRUE(text.starts_with("3 of 5 rules run on 2 events; the process table is")) << text;
  EXPECT_NE(text.find("\nOff  (Informational)\n  does not run  its file says so"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("evt.buffer cannot be supplied"), std::string::npos);
  const std::string one = explain_text(explanation_, typed_, "Secret read");
  EXPECT_TRUE(one.starts_with("Secret read  (Error)\n  events        open\n")) << one;
  EXPECT_NE(one.find("\n     2  evt.is_open_read = true "), std::string::npos) << one;
  EXPECT_EQ(one.find("Secret read by"), std::string::npos);
}

TEST_F(PolicyExplain, Json) {
  std::string text = explain_json(explanation_, typed_, "");
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    EXPECT_TRUE(boost::json::parse(text.substr(0, end)).is_object());
    text.erase(0, end + 1);
    ++lines;
  }
  EXPECT_EQ(lines, 2 + 5);
  const auto one = boost::json::parse(explain_json(explanation_, typed_, "Secret read"));
  EXPECT_EQ(one.at("rule").as_string(), "Secret read");
  const auto& step = one.at("steps").as_array().at(2);
  EXPECT_EQ(step.at("holds").as_string(), "fires");
  EXPECT_EQ(step.at("else").as_int64(), 4);
}

}  // namespace
}  // namespace gancho
