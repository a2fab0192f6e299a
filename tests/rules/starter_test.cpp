// SPDX-License-Identifier: Apache-2.0
//
// The packaged rules as text: all are read, all run, and each says what it is about.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "rules/load.h"
#include "rules/rule_files.h"
#include "rules/typed_rules.h"

namespace gancho::rules {
namespace {

constexpr auto k_folder = GANCHO_PACKAGING "/rules.d";

class StarterRules : public testing::Test {
 protected:
  static Loaded load(std::vector<RuleFile> more = {}) {
    const std::vector<std::string> names{k_folder};
    auto files = read_rule_files(names);
    if (!files) throw std::runtime_error(files.error().message);
    files->insert(files->end(), more.begin(), more.end());
    Loaded loaded = load_rules(std::move(*files));
    for (const Problem& problem : loaded.problems.kept())
      ADD_FAILURE() << print_problem(problem, loaded.sources);
    return loaded;
  }
};

TEST_F(StarterRules, AreReadAndRun) {
  Loaded loaded = load();
  ASSERT_TRUE(loaded.rules);
  EXPECT_GE(loaded.rules->rules.size(), 25U);
  for (const Rule& rule : loaded.rules->rules)
    EXPECT_TRUE(rule.runs()) << rule.name << rule.disabled;
  const auto typed = type_rules(*loaded.rules, loaded.problems);
  ASSERT_TRUE(typed);
  EXPECT_EQ(typed->rules.size(), loaded.rules->rules.size());
}

TEST_F(StarterRules, SayWhatTheyAreAbout) {
  const Loaded loaded = load();
  ASSERT_TRUE(loaded.rules);
  for (const Rule& rule : loaded.rules->rules) {
    SCOPED_TRACE(rule.name);
    EXPECT_GE(rule.description.size(), 60U);
    EXPECT_GE(rule.tags.size(), 2U);
    EXPECT_TRUE(std::ranges::any_of(rule.tags, [](const std::string& tag) {
      return tag.size() >= 5 && tag[0] == 'T' && std::isdigit(tag[1]) != 0;
    })) << "no technique of MITRE's";
    EXPECT_LE(rule.priority, Priority::notice);
    std::set<std::string> fields;
    for (const OutputPart& part : rule.output.parts)
      for (const Operand& operand : part.shown.operands) fields.insert(operand.name);
    EXPECT_GE(fields.size(), 3U);
    EXPECT_TRUE(rule.output.parts[0].text.starts_with(rule.name + " (")) << "in its output first";
  }
}

// Each of them tells what a false alarm looks like, and has a place for its exceptions.
TEST_F(StarterRules, TellHowToExcept) {
  const std::vector<std::string> names{k_folder};
  const auto files = read_rule_files(names);
  ASSERT_TRUE(files);
  for (const RuleFile& file : *files)
    for (std::size_t at = file.text.find("\n- rule: "); at != std::string::npos;
         at = file.text.find("\n- rule: ", at + 1)) {
      const std::size_t comment = file.text.rfind("\n\n", at);
      const std::size_t end = file.text.find("\n\n", at + 1);
      const std::string rule = file.text.substr(comment, end - comment);
      EXPECT_TRUE(rule.starts_with("\n\n# False alarm: ")) << rule;
      EXPECT_NE(rule.find("\n  exceptions:\n"), std::string::npos) << rule;
    }
}

// As the comments say.
TEST_F(StarterRules, TakeWhatAUserAdds) {
  const Loaded loaded = load({{.name = "50-local.yaml", .text = R"(
- list: network_services
  items: [my-web-server]
  override: {items: append}
- rule: Program run from a temporary folder
  exceptions:
    - name: places
      values: [/tmp/build, /tmp/test]
    - name: starters
      values:
        - [make, builder]
  override: {exceptions: append}
- rule: Kernel module removed
  enabled: false
)"}});
  ASSERT_TRUE(loaded.rules);
  for (const Rule& rule : loaded.rules->rules)
    EXPECT_EQ(rule.runs(), rule.name != "Kernel module removed") << rule.name;
}

}  // namespace
}  // namespace gancho::rules
