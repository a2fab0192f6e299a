// SPDX-License-Identifier: Apache-2.0
#include "agent/progress.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"

namespace gancho {
namespace {

constexpr std::uint32_t k_cpus = 3;

class ProgressPage : public testing::Test {
 protected:
  void SetUp() override {
    file_.reset(::memfd_create("progress", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(file_.get(), static_cast<off_t>(Progress::bytes(k_cpus))), 0);
  }
  // Another process's view of it.
  [[nodiscard]] Progress open() const {
    Result<Progress> progress = Progress::create(file_.get(), k_cpus);
    EXPECT_TRUE(progress);
    return std::move(*progress);
  }
  Fd file_;
};

TEST_F(ProgressPage, NothingIsSeenBeforeTheCommitAndAllAfterIt) {
  Progress worker = open();
  const Progress keeper = open();
  worker.draft().recorded_bytes = 100;
  worker.draft().positions[64] = 7;
  worker.draft_cpus()[2].delivered[EV_CLASS_BULK] = 5;
  EXPECT_EQ(keeper.committed().recorded_bytes, 0U);
  EXPECT_EQ(keeper.delivered(EV_CLASS_BULK), 0U);
  worker.commit();
  EXPECT_EQ(keeper.committed().recorded_bytes, 100U);
  EXPECT_EQ(keeper.committed().positions[64], 7U);
  EXPECT_EQ(keeper.delivered(EV_CLASS_BULK), 5U);
  EXPECT_EQ(keeper.delivered(EV_CLASS_VITAL), 0U);
}

TEST_F(ProgressPage, ADraftBeginsAsWhatIsInForce) {
  Progress worker = open();
  worker.draft().events = 1;
  worker.draft_cpus()[0].reported[EV_CLASS_VITAL][1] = 9;
  worker.commit();
  worker.draft().recorded_records = 2;
  worker.commit();
  EXPECT_EQ(worker.committed().events, 1U);
  EXPECT_EQ(worker.committed().recorded_records, 2U);
  EXPECT_EQ(worker.committed_cpus()[0].reported[EV_CLASS_VITAL][1], 9U);
}

TEST_F(ProgressPage, ASuccessorFindsWhatWasCommittedAndNothingOfAnAbandonedDraft) {
  {
    Progress killed = open();
    killed.draft().events = 10;
    killed.commit();
    killed.draft().events = 20;
    killed.draft_cpus()[1].delivered[EV_CLASS_VITAL] = 20;
    killed.set_writing(true);
  }
  Progress next = open();
  EXPECT_TRUE(next.writing());
  EXPECT_EQ(next.draft().events, 10U);
  next.commit();
  EXPECT_EQ(next.committed().events, 10U);
  EXPECT_EQ(next.delivered(EV_CLASS_VITAL), 0U);
}

TEST_F(ProgressPage, TheFullestThatARingEverWasIsKept) {
  Progress worker = open();
  const Progress keeper = open();
  for (const std::uint64_t bytes : {10U, 30U, 20U}) worker.tell_fill(EV_CLASS_BULK, bytes);
  EXPECT_EQ(keeper.fullest(EV_CLASS_BULK), 30U);
  EXPECT_EQ(keeper.fullest(EV_CLASS_VITAL), 0U);
}

TEST_F(ProgressPage, WhatHadToGoIsTold) {
  Progress worker = open();
  const Progress keeper = open();
  EXPECT_EQ(keeper.holdings_lost().processes_evicted, 0U);
  worker.tell({.processes_evicted = 1, .containers_unasked = 7});
  EXPECT_EQ(keeper.holdings_lost().processes_evicted, 1U);
  EXPECT_EQ(keeper.holdings_lost().processes_refused, 0U);
  EXPECT_EQ(keeper.holdings_lost().containers_unasked, 7U);
}

}  // namespace
}  // namespace gancho
