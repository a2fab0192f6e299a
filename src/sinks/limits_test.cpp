// SPDX-License-Identifier: Apache-2.0
#include "sinks/limits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <string>

#include "support/allocations.h"

namespace gancho {
namespace {

constexpr std::uint64_t k_second = 1'000'000'000;
constexpr SipKey k_key{.first = 1, .second = 2};

TEST(SipHash, IsTheOneOfThePaper) {
  SipKey key;
  for (unsigned i = 0; i < 8; ++i) {
    key.first |= std::uint64_t{i} << (8 * i);
    key.second |= std::uint64_t{i + 8} << (8 * i);
  }
  std::string text;
  for (char c = 0; c < 15; ++c) text += c;
  EXPECT_EQ(siphash(key, text), 0xa129ca6149be45e5U);
  EXPECT_EQ(siphash(key, ""), 0x726fdb47dd0e0e31U);
}

TEST(AlertLimits, WithoutAnyEverythingPasses) {
  AlertLimits limits({}, 1, k_key);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(limits.admit(0, "a", 1));
  EXPECT_FALSE(limits.report_due_ns());
  EXPECT_FALSE(limits.next_report(1'000 * k_second, true));
}

TEST(AlertLimits, ABurstThenSoManyAMinute) {
  AlertLimits limits({.rate = 6, .burst = 3}, 2, k_key);
  const std::uint64_t t = 1000 * k_second;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits.admit(0, "", t));
  EXPECT_FALSE(limits.admit(0, "", t));
  EXPECT_TRUE(limits.admit(1, "", t)) << "another rule has its own";
  EXPECT_FALSE(limits.admit(0, "", t + 9 * k_second));
  EXPECT_TRUE(limits.admit(0, "", t + 10 * k_second));
  EXPECT_FALSE(limits.admit(0, "", t + 10 * k_second));
  // After a long time it is a burst again, and no more.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits.admit(0, "", t + 1000 * k_second));
  EXPECT_FALSE(limits.admit(0, "", t + 1000 * k_second));
  EXPECT_EQ(limits.over_rate(), 4U);
}

TEST(AlertLimits, TheSameAgainWithinTheWindow) {
  AlertLimits limits({.window_ns = 10 * k_second}, 2, k_key);
  const std::uint64_t t = 5 * k_second;
  EXPECT_TRUE(limits.admit(0, "proc.name=a", t));
  EXPECT_TRUE(limits.admit(0, "proc.name=b", t));
  EXPECT_TRUE(limits.admit(1, "proc.name=a", t)) << "another rule";
  EXPECT_FALSE(limits.admit(0, "proc.name=a", t + 9 * k_second));
  // From the one that passed: what repeats for ever shows up once in each window.
  EXPECT_TRUE(limits.admit(0, "proc.name=a", t + 10 * k_second));
  EXPECT_FALSE(limits.admit(0, "proc.name=a", t + 19 * k_second));
  EXPECT_EQ(limits.repeated(), 2U);
}

// One that was over the rate has not been shown, and so is no reason to hide the next.
TEST(AlertLimits, WhatDidNotPassIsNotRemembered) {
  AlertLimits limits({.rate = 60, .burst = 1, .window_ns = 100 * k_second}, 1, k_key);
  EXPECT_TRUE(limits.admit(0, "a", k_second));
  EXPECT_FALSE(limits.admit(0, "b", k_second));
  EXPECT_TRUE(limits.admit(0, "b", 2 * k_second));
}

TEST(AlertLimits, TellWhatTheySuppressed) {
  AlertLimits limits({.rate = 1, .burst = 1, .window_ns = k_second}, 3, k_key);
  const std::uint64_t t = 100 * k_second;
  EXPECT_TRUE(limits.admit(2, "a", t));
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(limits.admit(2, "a", t));
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(limits.admit(2, "b", t + 2 * k_second));
  EXPECT_TRUE(limits.admit(0, "a", t));
  EXPECT_FALSE(limits.admit(0, "a", t + 30 * k_second));
  EXPECT_EQ(limits.report_due_ns(), t + 60 * k_second);
  EXPECT_FALSE(limits.next_report(t + 59 * k_second));
  const auto report = limits.next_report(t + 60 * k_second);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->rule, 2U);
  EXPECT_EQ(describe(*report, "Shell"),
            "37 more alerts of rule \"Shell\" in the last 60 s (30 over the rate, 7 repeated)");
  EXPECT_FALSE(limits.next_report(t + 60 * k_second));
  EXPECT_EQ(limits.report_due_ns(), t + 90 * k_second);
  const auto last = limits.next_report(t + 61 * k_second, true);
  ASSERT_TRUE(last);
  EXPECT_EQ(describe(*last, "x"), "1 more alert of rule \"x\" in the last 31 s (1 over the rate)");
  EXPECT_FALSE(limits.report_due_ns());
}

TEST(AlertLimits, AllocateNothingWhileTheyWork) {
  AlertLimits limits({.rate = 1000, .burst = 1000, .window_ns = k_second}, 100, k_key);
  std::array<char, 64> fields{};
  const std::size_t before = test::allocations();
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    std::memcpy(fields.data(), &i, sizeof(i));
    (void)limits.admit(i % 100, {fields.data(), fields.size()}, k_second + i * 1000);
  }
  while (limits.next_report(1000 * k_second, true)) {
  }
  EXPECT_EQ(test::allocations(), before);
}

RC_GTEST_PROP(AlertLimits, NothingGoesUncounted, ()) {
  const auto rate = *rc::gen::inRange<std::uint32_t>(0, 100);
  const auto burst = *rc::gen::inRange<std::uint32_t>(1, 10);
  const auto window = *rc::gen::inRange<std::uint64_t>(0, 3 * k_second);
  AlertLimits limits({.rate = rate, .burst = burst, .window_ns = window}, 4, k_key);
  std::uint64_t now = k_second;
  std::uint64_t offered = 0;
  std::uint64_t passed = 0;
  std::uint64_t told = 0;
  std::map<std::pair<std::size_t, std::string>, std::uint64_t> shown;
  for (int i = 0; i < 200; ++i) {
    now += *rc::gen::inRange<std::uint64_t>(0, k_second);
    const auto rule = *rc::gen::inRange<std::size_t>(0, 4);
    const std::string fields(1, *rc::gen::elementOf(std::string("abc")));
    ++offered;
    if (limits.admit(rule, fields, now)) {
      ++passed;
      const auto before = shown.find({rule, fields});
      const bool late_enough = before == shown.end() || now >= before->second + window;
      RC_ASSERT(late_enough);
      shown[{rule, fields}] = now;
    }
    while (const auto report = limits.next_report(now)) {
      RC_ASSERT(report->until_ns - report->since_ns >= 60 * k_second);
      told += report->over_rate + report->repeated;
    }
  }
  while (const auto report = limits.next_report(now, true))
    told += report->over_rate + report->repeated;
  RC_ASSERT(offered == passed + told);
  RC_ASSERT(limits.over_rate() + limits.repeated() == told);
  // No rule has more than its burst and what the time gave.
  if (rate != 0) RC_ASSERT(passed <= 4 * (burst + rate * (now / k_second) / 60 + 1));
}

}  // namespace
}  // namespace gancho
