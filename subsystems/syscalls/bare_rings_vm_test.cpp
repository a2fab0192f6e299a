// SPDX-License-Identifier: Apache-2.0
//
// Requests of an io_uring whose results find its queue full, and those that are to say nothing of
// their success: there is a record, or they are counted as lost, once.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "support/account.h"
#include "support/agent.h"
#include "support/call_entries.h"
#include "support/exec_stage.h"
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

// The ring of the tests has room for 16 results.
constexpr std::size_t k_room = 16, k_batch = 8, k_all = 3 * k_batch;

// More have a result than there is room for, before one is taken.
void overflow(Ring& ring, const std::vector<io_uring_sqe>& requests) {
  for (std::size_t begin = 0; begin < requests.size(); begin += k_batch)
    ring.submit_all(std::span(requests).subspan(begin, k_batch));
  ring.wait_until_full();
}

std::vector<Event> succeeded(const Ended& ended, std::string_view type) {
  std::vector<Event> found;
  for (const Event& event : where(ended.events, "evt.type", type))
    if (text_of(event, "evt.res") == "SUCCESS") found.push_back(event);
  return found;
}

std::int64_t lost_of(const Ended& ended) {
  return account_of(ended, "bulk").lost_slot;
}

// By workers; called differently, and all the same.
TEST(BareRings, ResultsThatFindTheQueueFull) {
  for (const bool same : {false, true}) {
    const TemporaryDirectory place;
    Agent agent(watch());
    Ring ring;
    std::vector<std::string> paths;
    std::vector<io_uring_sqe> requests;
    for (std::size_t i = 0; i < k_all; ++i) {
      paths.push_back(place.path() + "/" + std::to_string(i));
      requests.push_back(makes(paths.back()));
      requests.back().user_data = same ? 0 : i + 1;
    }
    overflow(ring, requests);
    for (std::size_t i = 0; i < k_all; ++i) EXPECT_EQ(ring.wait(), 0);
    // Requests are used again, for what fails.
    for (const std::string& path : paths) EXPECT_EQ(ring.run(makes(path)), -EEXIST);
    const Ended ended = agent.stop();
    expect_balance(ended);
    std::set<std::string> made;
    for (const Event& event : succeeded(ended, "mkdir"))
      EXPECT_TRUE(made.insert(text_of(event, "fs.path.nameraw")).second);
    EXPECT_EQ(where(ended.events, "evt.type", "mkdir").size() - made.size(), k_all);
    EXPECT_EQ(made.size(), k_all);
    EXPECT_EQ(lost_of(ended), 0);
  }
}

// At once, by the thread that asks.
TEST(BareRings, OpensThatFindTheQueueFull) {
  for (const bool same : {false, true}) {
    const TemporaryDirectory place;
    Agent agent({"watch", "open", "--pid", std::to_string(::getpid()), "-o", "json"});
    Ring ring;
    std::set<std::string> paths;
    std::vector<io_uring_sqe> requests;
    for (std::size_t i = 0; i < k_all; ++i) {
      const std::string path = place.path() + "/" + std::to_string(i);
      write_file(path, "", 0600);
      io_uring_sqe entry{};
      entry.opcode = IORING_OP_OPENAT;
      entry.fd = AT_FDCWD;
      entry.addr = word(low(path));
      entry.user_data = same ? 0 : i + 1;
      requests.push_back(entry);
      paths.insert(path);
    }
    overflow(ring, requests);
    for (std::size_t i = 0; i < k_all; ++i) {
      const int fd = ring.wait();
      EXPECT_GE(fd, 0);
      ::close(fd);
    }
    const Ended ended = agent.stop();
    expect_balance(ended);
    std::multiset<std::string> opened;
    for (const Event& event : succeeded(ended, "open"))
      if (event.at("evt.is_io_uring") == true) opened.insert(text_of(event, "fd.nameraw"));
    EXPECT_EQ(opened, std::multiset<std::string>(paths.begin(), paths.end()));
    EXPECT_EQ(lost_of(ended), 0);
  }
}

std::vector<std::string> watch_writes(const TemporaryDirectory& place) {
  return {"watch", "write", "--file", place.path(), "--pid", std::to_string(::getpid()),
          "-o",    "json"};
}

io_uring_sqe writes(int fd, unsigned flags = 0) {
  io_uring_sqe entry{};
  entry.opcode = IORING_OP_WRITE;
  entry.flags = static_cast<__u8>(flags);
  entry.fd = fd;
  entry.addr = word(low("x"));
  entry.len = 1;
  return entry;
}

// Nothing is kept of these, so those that are called the same, and have the same result, cannot be
// told apart.
TEST(BareRings, WritesThatFindTheQueueFull) {
  for (const unsigned flags : {0U, static_cast<unsigned>(IOSQE_ASYNC)}) {
    for (const bool same : {false, true}) {
      const TemporaryDirectory place;
      const Fd file(::open((place.path() + "/f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
      Agent agent(watch_writes(place));
      Ring ring;
      std::vector<io_uring_sqe> requests;
      for (std::size_t i = 0; i < k_all; ++i) {
        requests.push_back(writes(file.get(), flags));
        requests.back().off = i;
        requests.back().user_data = same ? 0 : i + 1;
      }
      overflow(ring, requests);
      for (std::size_t i = 0; i < k_all; ++i) EXPECT_EQ(ring.wait(), 1);
      const Ended ended = agent.stop();
      expect_balance(ended);
      std::set<std::int64_t> offsets;
      for (const Event& event : succeeded(ended, "write"))
        EXPECT_TRUE(offsets.insert(event.at("evt.arg.offset").to_number<std::int64_t>()).second);
      EXPECT_GE(offsets.size(), same ? k_room : k_all);
      EXPECT_EQ(static_cast<std::int64_t>(offsets.size()) + lost_of(ended), k_all);
    }
  }
}

TEST(BareRings, WritesThatSayNothingOfTheirSuccess) {
  const TemporaryDirectory place, other;
  const auto open = [](const TemporaryDirectory& in, int flags) {
    return Fd(::open((in.path() + "/f").c_str(), flags | O_CREAT | O_CLOEXEC, 0600));
  };
  const Fd file = open(place, O_RDWR), plain = open(other, O_RDWR);
  const Fd refuses = open(place, O_RDONLY);
  for (const bool registered : {false, true}) {
    Agent agent(watch_writes(place));
    Ring ring, unwatched;
    if (registered) {
      ring.register_file(file.get());
      unwatched.register_file(plain.get());
    }
    const unsigned flags = IOSQE_CQE_SKIP_SUCCESS | (registered ? IOSQE_FIXED_FILE : 0);
    unwatched.submit(writes(registered ? 0 : plain.get(), flags));
    ring.submit(writes(registered ? 0 : file.get(), flags));
    // Of one that fails is told, but it is counted by then.
    if (!registered) {
      EXPECT_EQ(ring.run(writes(refuses.get(), flags)), -EBADF);
    }
    EXPECT_EQ(ring.run(writes(file.get())), 1);
    EXPECT_EQ(unwatched.run(writes(plain.get())), 1);
    const Ended ended = agent.stop();
    expect_balance(ended);
    EXPECT_EQ(where(ended.events, "evt.type", "write").size(), 1U);
    EXPECT_EQ(lost_of(ended), registered ? 1 : 2);
  }
}

}  // namespace
}  // namespace gancho::test
