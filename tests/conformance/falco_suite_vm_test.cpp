// SPDX-License-Identifier: Apache-2.0
//
// Falco's stable rules on a real kernel: its own end-to-end cases, each of which must give the
// alert that it expects and no other; and cases of ours, in the same language, so that each of the
// rules is fired and not fired by what is nearly the same.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "conformance/suite/alerts.h"
#include "conformance/suite/stage.h"
#include "conformance/suite/suite.h"
#include "rules/load.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;

constexpr auto k_rules_file = GANCHO_CONFORMANCE "/falco/falco_rules.yaml";
constexpr auto k_suite = GANCHO_CONFORMANCE "/falco/suite";

// A file that cannot be read is no reason not to play the others: what is wrong is appended.
std::vector<SuiteCase> read_folder(const fs::path& folder, std::vector<std::string>& wrong) {
  std::set<fs::path> files;
  if (fs::exists(folder))
    for (const auto& entry : fs::directory_iterator(folder)) files.insert(entry.path());
  std::vector<SuiteCase> all;
  for (const fs::path& file : files) {
    try {
      for (SuiteCase& one : read_suite(file)) {
        one.name = file.stem().native() + ": " + one.name;
        all.push_back(std::move(one));
      }
    } catch (const std::runtime_error& error) {
      wrong.emplace_back(error.what());
    }
  }
  return all;
}

// One agent for all.
class FalcoSuite : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(k_rules_file)) return;
    falcos = read_folder(k_suite, unread);
    ours = read_folder(GANCHO_OWN_CASES, unread);
    std::vector<SuiteCase> all = falcos;
    all.insert(all.end(), ours.begin(), ours.end());
    prepare_stage(all);
    agent = std::make_unique<SuiteAgent>(k_rules_file, all);
  }
  static void TearDownTestSuite() { agent.reset(); }
  void SetUp() override {
    if (agent == nullptr) GTEST_SKIP() << "there is no " << k_rules_file;
  }

  // All of them, and what each rule came to.
  static void check(const std::vector<SuiteCase>& cases) {
    std::map<std::string, std::string> stopped;
    const SuiteCase* last = nullptr;
    for (const SuiteCase& one : cases) {
      if (!one.runs) continue;
      if (std::string what = play(one); !what.empty()) stopped[one.name] = std::move(what);
      last = &one;
    }
    ASSERT_NE(last, nullptr);
    agent->wait_for_end_of(*last);
    struct Count {
      int right = 0;
      int all = 0;
    };
    std::map<std::string, Count> counts;
    for (const SuiteCase& one : cases) {
      if (!one.runs) continue;
      Count& count = counts[one.rule];
      ++count.all;
      std::string wrong = judge(one, agent->alerts_of(one));
      if (const auto found = stopped.find(one.name); found != stopped.end())
        wrong = found->second + wrong;
      if (wrong.empty())
        ++count.right;
      else
        ADD_FAILURE() << one.name << " (" << one.rule << ")\n" << wrong;
    }
    for (const auto& [rule, count] : counts)
      std::printf("%4d of %4d  %s\n", count.right, count.all, rule.c_str());
  }

  static inline std::vector<SuiteCase> falcos, ours;
  static inline std::vector<std::string> unread;
  static inline std::unique_ptr<SuiteAgent> agent;
};

TEST_F(FalcoSuite, IsReadWhole) {
  for (const std::string& wrong : unread) ADD_FAILURE() << wrong;
}

TEST_F(FalcoSuite, ItsOwnCases) {
  check(falcos);
}

TEST_F(FalcoSuite, EachRuleFiresAndNearlyDoes) {
  check(ours);
}

// Which cannot fire, and why, is written here, so that nothing is forgotten.
TEST_F(FalcoSuite, EachRuleHasCases) {
  const std::map<std::string, std::string> cannot{
      {"Contact K8S API Server From Container", "fd.sip.name: no name is looked up for an address"},
      {"Debugfs Launched in Privileged Container",
       "container.privileged: what a container was given is not read"},
  };
  std::set<std::string> fired, not_fired;
  for (const SuiteCase& one : ours) (one.expected ? fired : not_fired).insert(one.rule);
  const auto text = read_file(k_rules_file, 1U << 20);
  ASSERT_TRUE(text);
  const rules::Loaded loaded = rules::load_rules({{"falco_rules.yaml", *text}});
  ASSERT_TRUE(loaded.rules);
  for (const rules::Rule& rule : loaded.rules->rules) {
    const bool can = !cannot.contains(rule.name);
    EXPECT_EQ(fired.contains(rule.name), can) << rule.name;
    EXPECT_EQ(not_fired.contains(rule.name), can) << rule.name;
  }
}

}  // namespace
}  // namespace gancho::test
