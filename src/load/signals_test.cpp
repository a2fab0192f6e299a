// SPDX-License-Identifier: Apache-2.0
#include "load/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::string_view, 1> k_best{"fentry__act"};
constexpr std::array<std::string_view, 2> k_needed{"fexit__one", "fexit__two"};
constexpr std::array<std::string_view, 2> k_helpful{"fexit__inlined", "fexit__compat"};
constexpr std::array<std::string_view, 1> k_dear{"tp__sys_exit"};

constexpr std::array<HookCandidate, 3> k_candidates{{
    {.name = "best", .programs = k_best, .lost = ""},
    {.name = "second", .programs = k_needed, .helpful = k_helpful, .lost = "the path"},
    {.name = "dear", .programs = k_dear, .lost = "speed", .on_request = true},
}};
constexpr std::array<SignalDesc, 1> k_signals{{
    {.name = "act",
     .meaning = "somebody acts",
     .optional = true,
     .candidates = k_candidates,
     .lost = "acts",
     .remedy = "use another kernel"},
}};

using Programs = std::set<std::string_view>;

// A kernel on which just these programs can be had.
Available kernel_with(Programs programs) {
  return [programs = std::move(programs)](std::string_view name) {
    if (programs.contains(name)) return Availability{.works = true, .why = {}, .remedy = {}};
    return Availability{.works = false, .why = "none here", .remedy = "boot with it"};
  };
}

SignalChoice choose_on(Programs programs, std::span<const std::string_view> requested = {}) {
  auto choices = choose(k_signals, kernel_with(std::move(programs)), requested);
  EXPECT_EQ(choices.size(), 1U);
  return std::move(choices.front());
}

TEST(Choose, TakesTheBestAndLosesNothing) {
  const SignalChoice choice =
      choose_on({"fentry__act", "fexit__one", "fexit__two", "tp__sys_exit"});
  ASSERT_NE(choice.chosen, nullptr);
  EXPECT_EQ(choice.chosen->name, "best");
  EXPECT_THAT(choice.programs, ElementsAre("fentry__act"));
  EXPECT_THAT(choice.refused, IsEmpty());
  EXPECT_TRUE(choice.complete());
  EXPECT_EQ(choice.remedy, "");
}

TEST(Choose, TakesTheSecondAndSaysWhatIsLostAndWhy) {
  const SignalChoice choice =
      choose_on({"fexit__one", "fexit__two", "fexit__inlined", "fexit__compat"});
  ASSERT_NE(choice.chosen, nullptr);
  EXPECT_EQ(choice.chosen->name, "second");
  EXPECT_THAT(choice.programs,
              ElementsAre("fexit__one", "fexit__two", "fexit__inlined", "fexit__compat"));
  ASSERT_EQ(choice.refused.size(), 1U);
  EXPECT_EQ(choice.refused[0].name, "best");
  EXPECT_EQ(choice.refused[0].why, "none here");
  EXPECT_EQ(choice.refused[0].remedy, "boot with it");
  EXPECT_EQ(choice.lost, "the path");
  EXPECT_EQ(choice.remedy, "use another kernel");
  EXPECT_FALSE(choice.complete());
}

TEST(Choose, HelpfulProgramsMayBeAbsent) {
  const SignalChoice choice = choose_on({"fexit__one", "fexit__two", "fexit__compat"});
  ASSERT_NE(choice.chosen, nullptr);
  EXPECT_EQ(choice.chosen->name, "second");
  EXPECT_THAT(choice.programs, ElementsAre("fexit__one", "fexit__two", "fexit__compat"));
  ASSERT_EQ(choice.absent.size(), 1U);
  EXPECT_EQ(choice.absent[0].name, "fexit__inlined");
  EXPECT_EQ(choice.absent[0].why, "none here");
}

TEST(Choose, NeededProgramsMayNot) {
  const SignalChoice choice = choose_on({"fexit__one", "fexit__inlined", "fexit__compat"});
  EXPECT_EQ(choice.chosen, nullptr);
  EXPECT_THAT(choice.programs, IsEmpty());
  EXPECT_THAT(choice.absent, IsEmpty());
  ASSERT_EQ(choice.refused.size(), 3U);
  EXPECT_EQ(choice.refused[1].why, "fexit__two: none here");
  EXPECT_EQ(choice.refused[1].cause, "none here");
}

TEST(Choose, WithoutACandidateTheSignalIsLost) {
  const SignalChoice choice = choose_on({});
  EXPECT_EQ(choice.chosen, nullptr);
  EXPECT_EQ(choice.lost, "acts");
  EXPECT_EQ(choice.remedy, "use another kernel");
  EXPECT_FALSE(choice.complete());
}

TEST(Choose, DearCandidatesAreTakenOnRequestOnly) {
  const SignalChoice unasked = choose_on({"tp__sys_exit"});
  EXPECT_EQ(unasked.chosen, nullptr);
  ASSERT_EQ(unasked.refused.size(), 3U);
  EXPECT_EQ(unasked.refused[2].why, "taken only on request");

  const std::array<std::string_view, 1> requested{"act"};
  const SignalChoice asked = choose_on({"tp__sys_exit"}, requested);
  ASSERT_NE(asked.chosen, nullptr);
  EXPECT_EQ(asked.chosen->name, "dear");
  EXPECT_EQ(asked.lost, "speed");
  EXPECT_THAT(asked.programs, ElementsAre("tp__sys_exit"));
}

TEST(Choose, RequestsOfOtherSignalsDoNotCount) {
  const std::array<std::string_view, 1> requested{"react"};
  EXPECT_EQ(choose_on({"tp__sys_exit"}, requested).chosen, nullptr);
}

TEST(Choose, ARequestDoesNotBeatABetterCandidate) {
  const std::array<std::string_view, 1> requested{"act"};
  const SignalChoice choice = choose_on({"fentry__act", "tp__sys_exit"}, requested);
  ASSERT_NE(choice.chosen, nullptr);
  EXPECT_EQ(choice.chosen->name, "best");
}

// What hangs on every system call comes last, or first when that is asked for; where it cannot be
// had, nothing better is taken in its place.
TEST(Choose, WhatHangsOnEveryCallIsPreferredOnRequest) {
  static constexpr std::array<std::string_view, 1> k_good{"fentry__act"};
  static constexpr std::array<std::string_view, 1> k_all{"tp_btf__sys_enter"};
  static constexpr std::array<HookCandidate, 2> k_both{{
      {.name = "best", .programs = k_good, .lost = ""},
      {.name = "every call", .programs = k_all, .lost = "speed", .on_every_call = true},
  }};
  constexpr SignalDesc k_act{.name = "act",
                             .meaning = "",
                             .optional = true,
                             .candidates = k_both,
                             .lost = "acts",
                             .remedy = ""};
  const auto taken = [&](const Programs& programs, EveryCall every_call) {
    const HookCandidate* const chosen =
        choose({&k_act, 1}, kernel_with(programs), {}, every_call).front().chosen;
    return chosen == nullptr ? "none" : chosen->name;
  };
  const Programs both{"fentry__act", "tp_btf__sys_enter"};
  EXPECT_EQ(taken(both, EveryCall::in_turn), "best");
  EXPECT_EQ(taken({"tp_btf__sys_enter"}, EveryCall::in_turn), "every call");
  EXPECT_EQ(taken(both, EveryCall::first), "every call");
  EXPECT_EQ(taken({"fentry__act"}, EveryCall::first), "none");
}

}  // namespace
}  // namespace gancho
