// SPDX-License-Identifier: Apache-2.0
#include "agent/container_inquiry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "support/record_builder.h"

namespace gancho {
namespace {

constexpr std::uint64_t k_ms = 1'000'000;
constexpr std::uint64_t k_start = 5'000'000'000;

class Inquiry : public testing::Test {
 protected:
  // An exec in the container with that cgroup, at `time`; 0: on the machine itself.
  static std::vector<std::byte> exec(std::uint64_t cgroup_id, std::uint64_t time,
                                     std::uint32_t pid = 10, std::uint16_t flags = 0) {
    test::RecordBuilder builder(*find_event("exec"));
    builder.number("evt.boottime", time).number("proc.pid", pid);
    builder.container({.cgroup_id = cgroup_id,
                       .id = {},
                       .runtime = EV_RUNTIME_DOCKER,
                       .flags = static_cast<std::uint16_t>(EV_CONTAINER_KNOWN | flags),
                       .owner = 0,
                       .mnt_ns = 77},
                      cgroup_id != 0 ? std::string(64, 'a') : "");
    const auto bytes = builder.bytes();
    return {bytes.begin(), bytes.end()};
  }
  bool ready(const std::vector<std::byte>& record, std::uint64_t now) {
    return inquiry_.ready(EventView::create(record).value(), now);
  }
  bool nothing(std::uint64_t cgroup_id, std::uint64_t now) {
    return inquiry_.answer(cgroup_id, std::nullopt, {}, {}, true, now);
  }
  static ContainerInfo found() { return {.found = true, .name = "web"}; }

  ContainerTable table_{100};
  ContainerInquiry inquiry_{table_};
};

TEST_F(Inquiry, OnTheMachineNothingIsAsked) {
  EXPECT_TRUE(ready(exec(0, k_start), k_start));
  EXPECT_FALSE(inquiry_.next(k_start));
}

TEST_F(Inquiry, AnEventWaitsForTheAnswer) {
  const auto record = exec(7, k_start, 10);
  EXPECT_FALSE(ready(record, k_start));
  const auto question = inquiry_.next(k_start);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->cgroup_id, 7U);
  EXPECT_EQ(question->id_text(), std::string(64, 'a'));
  EXPECT_EQ(question->pid, 10U);
  EXPECT_EQ(question->mnt_ns, 77U);
  EXPECT_FALSE(inquiry_.next(k_start + k_ms)) << "it is on the way";
  EXPECT_FALSE(ready(record, k_start + k_ms));
  EXPECT_TRUE(inquiry_.answer(7, found(), {{1, "u"}}, {}, true, k_start + 2 * k_ms));
  EXPECT_TRUE(ready(record, k_start + 2 * k_ms));
  EXPECT_EQ(table_.find(7)->name, "web");
  EXPECT_EQ(table_.find(7)->users.size(), 1U);
  EXPECT_EQ(inquiry_.unknown(), 0U);
}

TEST_F(Inquiry, ItIsAskedAgainLessAndLessOftenForASecondAndThenGivenUp) {
  const auto record = exec(7, k_start);
  std::uint64_t now = k_start;
  int questions = 0;
  for (; !ready(record, now); now += k_ms) {
    if (!inquiry_.next(now)) continue;
    ++questions;
    nothing(7, now);
  }
  EXPECT_EQ(now, k_start + ContainerInquiry::k_wait_ns);
  EXPECT_GE(questions, 5);
  EXPECT_LE(questions, 12);
  EXPECT_EQ(inquiry_.unknown(), 1U);
  EXPECT_EQ(table_.find(7), nullptr);

  // The next events do not wait, and it is asked about only now and then, for an event.
  now += k_ms;
  EXPECT_TRUE(ready(exec(7, now), now));
  EXPECT_FALSE(inquiry_.next(now));
  now += ContainerInquiry::k_forget_ns;
  EXPECT_FALSE(inquiry_.next(now));
  EXPECT_TRUE(ready(exec(7, now), now));
  EXPECT_TRUE(inquiry_.next(now));
  EXPECT_TRUE(inquiry_.answer(7, found(), {{1, "u"}}, {}, true, now));
  EXPECT_EQ(inquiry_.unknown(), 1U);
}

TEST_F(Inquiry, AnEventThatIsOldAlreadyWaitsForOneAnswerOnly) {
  const auto record = exec(7, 1);
  EXPECT_FALSE(ready(record, k_start));
  ASSERT_TRUE(inquiry_.next(k_start));
  nothing(7, k_start + k_ms);
  EXPECT_TRUE(ready(record, k_start + k_ms));
  // And not even for that when there is none.
  const auto other = exec(8, 1);
  EXPECT_FALSE(ready(other, k_start));
  ASSERT_TRUE(inquiry_.next(k_start));
  EXPECT_TRUE(ready(other, k_start + ContainerInquiry::k_answer_ns));
}

TEST_F(Inquiry, ThoseBehindAreAskedAboutAhead) {
  const auto first = exec(7, k_start);
  const auto second = exec(8, k_start + k_ms);
  EXPECT_FALSE(ready(first, k_start));
  inquiry_.look_ahead(EventView::create(second).value(), k_start);
  std::set<std::uint64_t> asked;
  while (const auto question = inquiry_.next(k_start)) asked.insert(question->cgroup_id);
  EXPECT_EQ(asked, (std::set<std::uint64_t>{7, 8}));
  // All have waited when the first has: a crowd of containers that nobody knows costs one second.
  nothing(7, k_start + k_ms);
  nothing(8, k_start + k_ms);
  const std::uint64_t then = k_start + ContainerInquiry::k_wait_ns + k_ms;
  EXPECT_TRUE(ready(first, then));
  EXPECT_TRUE(ready(second, then));
}

TEST_F(Inquiry, UsersAreAskedAgainForWhileTheyAreMissingAndNobodyWaits) {
  EXPECT_FALSE(ready(exec(7, k_start, 10), k_start));
  ASSERT_TRUE(inquiry_.next(k_start));
  EXPECT_TRUE(inquiry_.answer(7, found(), {}, {}, true, k_start));
  std::uint64_t now = k_start + k_ms;
  EXPECT_TRUE(ready(exec(7, now, 11), now));
  EXPECT_FALSE(inquiry_.next(now)) << "too soon";
  now += ContainerInquiry::k_names_again_ns;
  EXPECT_TRUE(ready(exec(7, now, 12, EV_CONTAINER_MACHINE), now));
  EXPECT_FALSE(inquiry_.next(now)) << "it sees the machine's files";
  EXPECT_TRUE(ready(exec(7, now, 13), now));
  const auto question = inquiry_.next(now);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->pid, 13U);
  EXPECT_TRUE(inquiry_.answer(7, std::nullopt, {{1, "u"}}, {}, true, now));
  EXPECT_TRUE(table_.find(7)->found);
  EXPECT_EQ(table_.find(7)->name, "web");
  EXPECT_EQ(table_.find(7)->users.size(), 1U);
  now += 100 * ContainerInquiry::k_forget_ns;
  EXPECT_TRUE(ready(exec(7, now), now));
  EXPECT_FALSE(inquiry_.next(now));
}

// A container may see to it that its users' files never answer; what its runtime says is there.
TEST_F(Inquiry, UsersAreWaitedForASecondAtMostAndTheRestIsKnown) {
  const auto record = exec(7, k_start);
  EXPECT_FALSE(ready(record, k_start));
  ASSERT_TRUE(inquiry_.next(k_start));
  EXPECT_TRUE(inquiry_.answer(7, found(), {}, {}, false, k_start + k_ms));
  EXPECT_FALSE(ready(record, k_start + k_ms));
  EXPECT_FALSE(inquiry_.next(k_start + k_ms)) << "the answer is not whole yet";
  EXPECT_TRUE(ready(exec(7, k_start, 10, EV_CONTAINER_MACHINE), k_start + k_ms));
  const std::uint64_t then = k_start + ContainerInquiry::k_wait_ns;
  EXPECT_TRUE(ready(record, then));
  EXPECT_EQ(table_.find(7)->name, "web");
  EXPECT_EQ(inquiry_.unknown(), 0U);
  EXPECT_FALSE(nothing(7, then));
  EXPECT_TRUE(ready(exec(7, then), then));
}

TEST_F(Inquiry, AContainerWithoutUsersIsLeftAlone) {
  EXPECT_FALSE(ready(exec(7, k_start), k_start));
  std::uint64_t now = k_start;
  for (std::uint32_t i = 0; i < ContainerInquiry::k_names_attempts; ++i) {
    ASSERT_TRUE(inquiry_.next(now)) << i;
    inquiry_.answer(7, found(), {}, {}, true, now);
    now += ContainerInquiry::k_names_again_ns;
    EXPECT_TRUE(ready(exec(7, now), now));
  }
  EXPECT_FALSE(inquiry_.next(now));
}

TEST_F(Inquiry, ACrowdIsBounded) {
  constexpr std::uint64_t many = 10 * ContainerInquiry::k_open_max;
  for (std::uint64_t id = 1; id <= many; ++id) EXPECT_FALSE(ready(exec(id, k_start), k_start));
  std::vector<std::uint64_t> asked;
  while (const auto question = inquiry_.next(k_start)) asked.push_back(question->cgroup_id);
  EXPECT_EQ(asked.size(), ContainerInquiry::k_in_flight_max);
  for (const std::uint64_t id : asked) nothing(id, k_start);
  EXPECT_TRUE(inquiry_.next(k_start));
  // After a second nobody waits, asked about or not.
  const std::uint64_t then = k_start + ContainerInquiry::k_wait_ns;
  for (std::uint64_t id = 1; id <= many; ++id) EXPECT_TRUE(ready(exec(id, k_start), then)) << id;
  EXPECT_EQ(inquiry_.holdings().asked, ContainerInquiry::k_open_max);
}

// Containers that come and go for a year, and of which nothing is ever found out.
TEST_F(Inquiry, WhatWasGivenUpMakesRoomAndIsCounted) {
  constexpr std::uint64_t many = 3 * ContainerInquiry::k_open_max;
  std::uint64_t now = k_start;
  for (std::uint64_t id = 1; id <= many; ++id) {
    const auto record = exec(id, now);
    EXPECT_FALSE(ready(record, now));
    ASSERT_TRUE(inquiry_.next(now));
    nothing(id, now);
    now += ContainerInquiry::k_wait_ns;
    EXPECT_TRUE(ready(record, now));
  }
  const ContainerHoldings held = inquiry_.holdings();
  EXPECT_EQ(held.asked, ContainerInquiry::k_open_max);
  EXPECT_EQ(held.unknown, many);
  EXPECT_EQ(held.forgotten, many - ContainerInquiry::k_open_max);
  EXPECT_EQ(held.unasked, 0U);
}

TEST_F(Inquiry, AnEventThatFindsTooManyAskedAboutIsCounted) {
  for (std::uint64_t id = 1; id <= ContainerInquiry::k_open_max; ++id)
    EXPECT_FALSE(ready(exec(id, k_start), k_start));
  const std::uint64_t late = k_start + ContainerInquiry::k_wait_ns;
  const auto record = exec(ContainerInquiry::k_open_max + 1, k_start);
  EXPECT_FALSE(ready(record, late - 1));
  EXPECT_EQ(inquiry_.holdings().unasked, 0U);
  EXPECT_TRUE(ready(record, late));
  EXPECT_EQ(inquiry_.holdings().unasked, 1U);
}

TEST_F(Inquiry, WhatTheTableHoldsIsTold) {
  for (std::uint64_t id = 1; id <= 150; ++id) table_.put(id, found());
  const ContainerHoldings held = inquiry_.holdings();
  EXPECT_EQ(held.max, 100U);
  EXPECT_EQ(held.known, 100U);
  EXPECT_EQ(held.evicted, 50U);
  EXPECT_EQ(held.bytes, table_.bytes());
  EXPECT_EQ(held.bytes_max, ContainerTable::k_bytes_max);
}

TEST_F(Inquiry, AnAnswerThatNobodyAskedForChangesNothing) {
  EXPECT_FALSE(inquiry_.answer(7, found(), {}, {}, true, k_start));
  EXPECT_FALSE(inquiry_.asked(7));
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_FALSE(ready(exec(7, k_start), k_start));
  EXPECT_FALSE(inquiry_.answer(7, found(), {}, {}, true, k_start))
      << "the question has not been sent";
}

TEST_F(Inquiry, AQuestionThatWasLostDoesNotBlockTheOthers) {
  for (std::uint64_t id = 1; id <= ContainerInquiry::k_in_flight_max; ++id) {
    EXPECT_FALSE(ready(exec(id, k_start), k_start));
    EXPECT_TRUE(inquiry_.next(k_start));
  }
  EXPECT_FALSE(ready(exec(100, k_start), k_start));
  EXPECT_FALSE(inquiry_.next(k_start));
  EXPECT_TRUE(inquiry_.next(k_start + ContainerInquiry::k_lost_ns + 1));
}

}  // namespace
}  // namespace gancho
