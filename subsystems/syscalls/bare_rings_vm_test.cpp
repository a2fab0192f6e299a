// SPDX-License-Identifier: Apache-2.0
//
// Requests of an io_uring whose end its tracepoints do not tell: they are counted as lost, if only
// when the kernel uses the request again, and no record says what is not true.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/account.h"
#include "support/agent.h"
#include "support/call_entries.h"
#include "support/load.h"
#include "support/ring.h"

namespace gancho::test {
namespace {

io_uring_sqe makes(const std::string& path, unsigned flags = 0) {
  io_uring_sqe entry{};
  entry.opcode = IORING_OP_MKDIRAT;
  entry.flags = static_cast<__u8>(flags);
  entry.fd = AT_FDCWD;
  entry.addr = word(low(path));
  entry.len = 0700;
  return entry;
}

std::vector<std::string> watch() {
  return {"watch", "mkdir", "--pid", std::to_string(::getpid()), "-o", "json"};
}

TEST(BareRings, WhatSaysNothingOfItsSuccessIsCounted) {
  const TemporaryDirectory place;
  Agent agent(watch());
  Ring ring;
  ring.submit(makes(place.path() + "/silent", IOSQE_CQE_SKIP_SUCCESS));
  EXPECT_EQ(ring.run(makes(place.path() + "/told")), 0);
  const Ended ended = agent.stop();
  expect_balance(ended);
  const std::vector<Event> records = where(ended.events, "evt.type", "mkdir");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(text_of(records.front(), "fs.path.nameraw"), place.path() + "/told");
  EXPECT_EQ(account_of(ended, "bulk").lost_slot, 1);
}

TEST(BareRings, ResultsThatFindTheQueueFull) {
  constexpr std::size_t k_room = 16, k_batch = 8, k_all = 3 * k_batch;
  const TemporaryDirectory place;
  Agent agent(watch());
  Ring ring;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < k_all; ++i) paths.push_back(place.path() + "/" + std::to_string(i));
  for (std::size_t begin = 0; begin < k_all; begin += k_batch) {
    std::vector<io_uring_sqe> batch;
    for (std::size_t i = begin; i < begin + k_batch; ++i) batch.push_back(makes(paths[i]));
    ring.submit_all(batch);
  }
  for (const std::string& path : paths)
    while (::access(path.c_str(), F_OK) != 0) std::this_thread::yield();
  for (std::size_t i = 0; i < k_all; ++i) EXPECT_EQ(ring.wait(), 0);
  // Requests are used again, for what fails: of none is told what became of the one before.
  for (const std::string& path : paths) EXPECT_EQ(ring.run(makes(path)), -EEXIST);
  const Ended ended = agent.stop();
  expect_balance(ended);
  std::set<std::string> made;
  std::size_t failed = 0;
  for (const Event& event : where(ended.events, "evt.type", "mkdir")) {
    if (text_of(event, "evt.res") == "SUCCESS")
      EXPECT_TRUE(made.insert(text_of(event, "fs.path.nameraw")).second);
    else
      ++failed;
  }
  EXPECT_EQ(failed, k_all);
  EXPECT_GE(made.size(), k_room);
  const std::int64_t lost = account_of(ended, "bulk").lost_slot;
  EXPECT_LE(lost, static_cast<std::int64_t>(k_all - made.size()));
}

}  // namespace
}  // namespace gancho::test
