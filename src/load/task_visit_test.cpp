// SPDX-License-Identifier: Apache-2.0
//
// With a pipe for the iterator: what is read from it, and for how long one waits, is the same.
#include "load/task_visit.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include "support/ring_file.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using test::RingFile;

class TaskVisitTest : public testing::Test {
 protected:
  TaskVisitTest() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::pipe2(pair.data(), O_CLOEXEC), 0);
    read_.reset(pair[0]);
    write_.reset(pair[1]);
    EXPECT_EQ(::write(write_.get(), "xxxxxxxxxx", 10), 10);
  }
  [[nodiscard]] RingRoom room() const { return {.gauge = &gauge_, .ring_bytes = 4096}; }

  RingFile ring_;
  RingGauge gauge_ = *RingGauge::create(ring_.fd());
  Fd read_;
  Fd write_;
};

TEST_F(TaskVisitTest, ReadsToTheEnd) {
  write_.reset();
  EXPECT_TRUE(visit_here(read_.get(), room()));
  const auto again = visit_apart(read_.get(), room());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(*again);
}

TEST_F(TaskVisitTest, OneThatDoesNotEndIsLeftAndNobodyStays) {
  const auto ended = visit_apart(read_.get(), room(), milliseconds(50));
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_FALSE(*ended);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(TaskVisitTest, WaitsForRoomInTheRing) {
  // More than half full; its reader takes it while the visit waits.
  for (int i = 0; i < 30; ++i) ring_.output(std::string(80, 'x'));
  ASSERT_GT(gauge_.used(), 2048U);
  write_.reset();
  RingReader reader = ring_.reader();
  std::jthread taking([&] {
    while (!reader.peek().empty()) reader.take();
    reader.commit();
  });
  EXPECT_TRUE(visit_here(read_.get(), room()));
  EXPECT_LE(gauge_.used(), 2048U);
}

TEST_F(TaskVisitTest, WhatCannotBeReadIsAnError) {
  EXPECT_FALSE(visit_here(-1, room()));
  EXPECT_FALSE(visit_apart(-1, room()));
}

}  // namespace
}  // namespace gancho
