// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_desk.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agent/rule_orders.h"
#include "agent/rule_plan.h"
#include "rules/rule_files.h"
#include "support/facts.h"
#include "support/record_builder.h"

namespace gancho {
namespace {

std::string bundle_of(std::string_view text) {
  const auto file = std::to_array<rules::RuleFile>({{"rules.yaml", std::string(text)}});
  return rules::write_bundle(file);
}

std::string orders_of(std::string_view text, rules::Priority min_priority) {
  return write_orders({.matching = rules::Matching::first,
                       .min_priority = min_priority,
                       .limits = {},
                       .redact = {},
                       .bundle = bundle_of(text)});
}

// What is said of an exec of this name.
std::string said_of(RuleDesk& desk, std::string_view name, std::uint64_t time = 1) {
  test::RecordBuilder record(*find_event("exec"));
  record.text("proc.name", name).number("evt.boottime", time);
  ByteBuffer out;
  EXPECT_TRUE(desk.judge(record.view(), out) <= 1);
  return std::string(out.view());
}

constexpr std::string_view k_two = R"(
- rule: Any program
  desc: d
  condition: evt.type = execve
  output: any
  priority: INFO
- rule: Any shell
  desc: d
  condition: evt.type = execve and proc.name = sh
  output: shell
  priority: WARNING
- rule: Any file
  desc: d
  condition: evt.type = open
  output: file
  priority: DEBUG
)";

class RuleDeskTest : public testing::Test {
 protected:
  RuleDesk desk(std::string_view text, rules::Priority min_priority) {
    auto made =
        RuleDesk::create(orders_of(text, min_priority), {}, facts_, {}, "host", {}, sender_);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  test::SampleFacts facts_;
  AlertSender sender_;
};

TEST_F(RuleDeskTest, OfSeveralRulesTheFirst) {
  RuleDesk made = desk(k_two, rules::Priority::debug);
  EXPECT_NE(said_of(made, "sh").find("any"), std::string::npos);
}

TEST_F(RuleDeskTest, ARuleThatIsNotUrgentEnoughHidesNone) {
  RuleDesk made = desk(k_two, rules::Priority::warning);
  EXPECT_NE(said_of(made, "sh").find("shell"), std::string::npos);
  EXPECT_EQ(said_of(made, "ls"), "");
}

TEST_F(RuleDeskTest, OtherRulesAreInForceFromAMomentOn) {
  RuleDesk made = desk(k_two, rules::Priority::debug);
  const std::string none =
      "- rule: R\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n";
  ASSERT_TRUE(made.change(orders_of(none, rules::Priority::debug), 100));
  EXPECT_NE(said_of(made, "sh", 99), "");
  EXPECT_EQ(said_of(made, "sh", 100), "");
  ByteBuffer out;
  made.forget_before(100, out);
  EXPECT_FALSE(made.changing());
}

TEST(RulePlan, WatchesWhatUrgentRulesAskFor) {
  const auto all = plan_rules(bundle_of(k_two), rules::Priority::debug);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->rules, 3U);
  EXPECT_EQ(all->events, (std::vector<std::string>{"exec", "open"}));
  const auto urgent = plan_rules(bundle_of(k_two), rules::Priority::warning);
  ASSERT_TRUE(urgent) << urgent.error().message;
  EXPECT_EQ(urgent->rules, 1U);
  EXPECT_EQ(urgent->events, (std::vector<std::string>{"exec"}));
  const auto none = plan_rules(bundle_of(k_two), rules::Priority::error);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("alerts.min_priority"), std::string::npos)
      << none.error().message;
}

}  // namespace
}  // namespace gancho
