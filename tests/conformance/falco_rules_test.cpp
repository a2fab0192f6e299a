// SPDX-License-Identifier: Apache-2.0
//
// Falco's stable rules, unmodified: everything in them is read and written out.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "base/yaml.h"
#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/load.h"
#include "rules/parser.h"
#include "rules/print.h"
#include "support/sanitized.h"

namespace gancho::rules {
namespace {

constexpr auto k_rules_file = GANCHO_CONFORMANCE "/falco/falco_rules.yaml";

class FalcoRules : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(k_rules_file)) GTEST_SKIP() << "there is no " << k_rules_file;
    auto text = read_file(k_rules_file, 1U << 20);
    ASSERT_TRUE(text) << text.error().message;
    text_ = std::move(*text);
    loaded_ = load_rules({{"falco_rules.yaml", text_}});
    // A warning is about what an output shows of a field that cannot be supplied.
    for (const Problem& problem : loaded_.problems.kept())
      if (problem.severity != Severity::warning ||
          problem.message.find(" is shown as <NA>: ") == std::string::npos)
        ADD_FAILURE() << print_problem(problem, loaded_.sources);
    ASSERT_TRUE(loaded_.rules);
  }

  const Rule& rule(std::string_view name) {
    const auto found = std::ranges::find(loaded_.rules->rules, name, &Rule::name);
    if (found == loaded_.rules->rules.end()) throw std::runtime_error("no such rule");
    return *found;
  }

  std::string text_;
  Loaded loaded_;
};

TEST_F(FalcoRules, AreAllThere) {
  EXPECT_EQ(loaded_.rules->rules.size(), 25U);
  // As grep counts them.
  const auto count = [this](std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text_.find(what); at != std::string::npos; at = text_.find(what, at + 1))
      if (at == 0 || text_[at - 1] == '\n') ++found;
    return found;
  };
  EXPECT_EQ(loaded_.rules->macros, count("- macro: "));
  EXPECT_EQ(loaded_.rules->lists, count("- list: "));
}

// All of them.
TEST_F(FalcoRules, Run) {
  std::string idle;
  for (const Rule& rule : loaded_.rules->rules)
    if (!rule.runs()) idle += rule.name + ": " + rule.disabled + "\n";
  EXPECT_EQ(idle, "");
}

// What policy check says and what the evaluator reads are the same.
TEST_F(FalcoRules, FitTheSchema) {
  for (const Rule& rule : loaded_.rules->rules) {
    Problems problems;
    const auto typed = check_condition(rule.condition, problems);
    EXPECT_EQ(typed && !event_types(typed->logic).empty(), rule.runs()) << rule.name;
  }
}

TEST_F(FalcoRules, HaveNoMacroAndNoListLeft) {
  for (const Rule& rule : loaded_.rules->rules) {
    for (const Node& node : rule.condition.nodes) EXPECT_NE(node.kind, NodeKind::macro);
    for (const Value& value : rule.condition.values)
      EXPECT_FALSE(value.text.ends_with("_binaries") || value.text.ends_with("_images"))
          << value.text;
    Problems problems;
    const auto again = parse_condition(RuleText(print_condition(rule.condition)), problems);
    ASSERT_TRUE(again) << rule.name;
    EXPECT_TRUE(same(*again, rule.condition)) << rule.name;
  }
}

TEST_F(FalcoRules, SayWhatTheyShould) {
  EXPECT_EQ(print_condition(rule("PTRACE anti-debug attempt").condition),
            "evt.type = ptrace and evt.arg.request contains PTRACE_TRACEME and not proc.name in "
            "(\"<NA>\", \"N/A\")");
  EXPECT_EQ(print_condition(rule("Remove Bulk Data from Disk").condition),
            "evt.type in (execve, execveat) and proc.name in (shred, mkfs, mke2fs) and not evt.num "
            "= 0");
  const std::string network =
      print_condition(rule("Disallowed SSH Connection Non Standard Port").condition);
  EXPECT_NE(network.find("not fd.snet in (\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\")"),
            std::string::npos)
      << network;
  const std::string shell = print_condition(rule("Run shell untrusted").condition);
  EXPECT_NE(shell.find("\"sh -c node -e \\\"require('nan')\\\"\""), std::string::npos) << shell;
  EXPECT_NE(shell.find("\"sh -c /bin/sh -c 'date +%%s'\""), std::string::npos) << shell;
}

TEST_F(FalcoRules, HavePrioritiesTagsAndOutputs) {
  const Rule& drop = rule("Drop and execute new binary in container");
  EXPECT_EQ(drop.priority, Priority::critical);
  EXPECT_EQ(drop.tags.front(), "maturity_stable");
  EXPECT_EQ(drop.tags.back(), "PCI_DSS_11.5.1");
  EXPECT_EQ(drop.output.parts[0].text, "Executing binary not part of base image | proc_exe=");
  EXPECT_EQ(drop.output.parts[2].shown.operands[0].name, "proc.aname");
  EXPECT_EQ(drop.output.parts[2].shown.operands[0].argument, "2");
  EXPECT_TRUE(rule("Directory traversal monitored file read").enabled);
}

// The budget for loading is 50 ms; four times that here, for busy machines.
TEST_F(FalcoRules, LoadAtOnce) {
  auto best = std::chrono::nanoseconds::max();
  for (int i = 0; i < 5; ++i) {
    const auto before = std::chrono::steady_clock::now();
    (void)load_rules({{"falco_rules.yaml", text_}});
    best = std::min(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - before));
  }
  RecordProperty("milliseconds",
                 std::to_string(std::chrono::duration<double, std::milli>(best).count()));
  std::printf("loaded in %.1f ms\n", std::chrono::duration<double, std::milli>(best).count());
  if (!test::k_sanitized) {
    EXPECT_LT(best, std::chrono::milliseconds(200));
  }
}

// Falco's cases for its rules have values that begin with %, which is no YAML.
TEST(FalcoSuite, IsRead) {
  const std::filesystem::path folder = GANCHO_CONFORMANCE "/falco/suite";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there is no " << folder;
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = read_file(entry.path(), 1U << 20);
    ASSERT_TRUE(text) << text.error().message;
    std::vector<YamlNode> documents;
    Complaints complaints(entry.path().native());
    EXPECT_TRUE(parse_yaml(*text, {.percent = true}, documents, complaints))
        << complaints.error().message;
    ASSERT_EQ(documents.size(), 1U);
    cases += documents[0].children.at(0).children.size();
  }
  EXPECT_GT(cases, 10U);
}

}  // namespace
}  // namespace gancho::rules
