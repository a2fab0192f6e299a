// SPDX-License-Identifier: Apache-2.0
#include "agent/event_stream.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/ring_file.h"

namespace gancho {
namespace {

using test::RingFile;

constexpr std::uint32_t k_cpus = 1;
constexpr std::size_t k_ring_bytes = 64 * 1024;

std::string record(ev_class class_id, std::uint64_t time) {
  ev_header header{};
  header.size = sizeof(header);
  header.class_id = class_id;
  header.time = time;
  return {reinterpret_cast<const char*>(&header), sizeof(header)};
}

Fd file_of(std::size_t bytes) {
  Fd file(::memfd_create("shared", MFD_CLOEXEC));
  EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(bytes)), 0);
  return file;
}

class Stream : public testing::Test {
 protected:
  Stream() {
    std::vector<RingReader> readers;
    readers.push_back(vital_.reader());
    readers.push_back(one_.reader());
    readers.push_back(two_.reader());
    auto account = Account::create(account_.get(), k_cpus);
    auto progress = Progress::create(progress_file_.get(), k_cpus);
    progress_ = std::move(*progress);
    stream_ = std::make_unique<EventStream>(std::move(readers), std::move(*account), progress_);
  }

  // The next record's class and time; time 0 when there is none.
  std::pair<int, std::uint64_t> next() {
    const auto bytes = stream_->peek();
    if (bytes.empty()) return {-1, 0};
    ev_header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    stream_->take();
    return {header.class_id, header.time};
  }

  RingFile vital_{k_ring_bytes};
  RingFile one_{k_ring_bytes};
  RingFile two_{k_ring_bytes};
  Fd account_ = file_of(sizeof(account_cpu) * k_cpus + 4096);
  Fd progress_file_ = file_of(Progress::bytes(k_cpus));
  Progress progress_;
  std::unique_ptr<EventStream> stream_;
};

using Next = std::pair<int, std::uint64_t>;

TEST_F(Stream, TheOldestComesFirstWhereverItIs) {
  one_.output(record(EV_CLASS_BULK, 20));
  two_.output(record(EV_CLASS_BULK, 10));
  vital_.output(record(EV_CLASS_VITAL, 15));
  one_.output(record(EV_CLASS_BULK, 30));
  vital_.output(record(EV_CLASS_VITAL, 30));
  EXPECT_EQ(next(), Next(EV_CLASS_BULK, 10));
  EXPECT_EQ(next(), Next(EV_CLASS_VITAL, 15));
  EXPECT_EQ(next(), Next(EV_CLASS_BULK, 20));
  EXPECT_EQ(next(), Next(EV_CLASS_VITAL, 30)) << "of two of the same time the vital one";
  EXPECT_EQ(next(), Next(EV_CLASS_BULK, 30));
  EXPECT_EQ(next(), Next(-1, 0));
}

TEST_F(Stream, NothingPassesAVitalRecordThatIsBeingWritten) {
  const std::string vital = record(EV_CLASS_VITAL, 10);
  const std::uint64_t at = vital_.reserve(vital);
  one_.output(record(EV_CLASS_BULK, 20));
  EXPECT_EQ(next(), Next(-1, 0));
  EXPECT_FALSE(stream_->empty()) << "and the worker must not fall asleep over it";
  vital_.submit(at, vital);
  EXPECT_EQ(next(), Next(EV_CLASS_VITAL, 10));
  EXPECT_EQ(next(), Next(EV_CLASS_BULK, 20));
}

TEST_F(Stream, BulkRecordsDoNotWaitForOneAnother) {
  (void)one_.reserve(record(EV_CLASS_BULK, 10));
  two_.output(record(EV_CLASS_BULK, 20));
  EXPECT_EQ(next(), Next(EV_CLASS_BULK, 20));
}

TEST_F(Stream, TellsHowFullTheFullestRingIs) {
  EXPECT_EQ(stream_->fill(EV_CLASS_BULK), 0U);
  for (std::uint64_t i = 0; i < 3; ++i) two_.output(record(EV_CLASS_BULK, i));
  one_.output(record(EV_CLASS_BULK, 9));
  const std::uint64_t three = stream_->fill(EV_CLASS_BULK);
  EXPECT_EQ(three, two_.used());
  EXPECT_EQ(stream_->fill(EV_CLASS_VITAL), 0U);
  while (next().first >= 0) {
  }
  EXPECT_EQ(stream_->fill(EV_CLASS_BULK), three) << "not given back yet";
  stream_->release();
  EXPECT_EQ(stream_->fill(EV_CLASS_BULK), 0U);
}

// As a process does that executes a program, which then does something.
TEST_F(Stream, WhatAProcessDoesComesAfterWhatItIs) {
  constexpr std::uint64_t k_rounds = 200'000;
  std::jthread process([&] {
    for (std::uint64_t i = 1; i <= k_rounds; ++i) {
      while (vital_.used() > k_ring_bytes / 2 || one_.used() > k_ring_bytes / 2)
        std::this_thread::yield();
      vital_.output(record(EV_CLASS_VITAL, 2 * i));
      one_.output(record(EV_CLASS_BULK, 2 * i + 1));
    }
  });
  std::uint64_t wrong = 0;
  std::uint64_t vital = 0;
  for (std::uint64_t bulk = 0; bulk < k_rounds;) {
    const auto [class_id, time] = next();
    if (class_id == EV_CLASS_VITAL) ++vital;
    if (class_id == EV_CLASS_BULK && ++bulk > vital) ++wrong;
    if (class_id < 0 || vital % 64 == 0) stream_->release();
  }
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace gancho
