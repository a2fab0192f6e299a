// SPDX-License-Identifier: Apache-2.0
#include "load/ring_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "support/ring_file.h"

namespace gancho {
namespace {

using test::RingFile;

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(RingReader, AnEmptyRingHasNothing) {
  const RingFile ring;
  RingReader reader = ring.reader();
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.peek().empty());
}

TEST(RingReader, RecordsComeInOrderAndStayUntilTheyAreTaken) {
  RingFile ring;
  RingReader reader = ring.reader();
  ring.output("one");
  ring.output("twenty-two");
  EXPECT_EQ(text(reader.peek()), "one");
  EXPECT_EQ(text(reader.peek()), "one");
  reader.take();
  EXPECT_EQ(text(reader.peek()), "twenty-two");
  EXPECT_FALSE(reader.empty());
  reader.take();
  EXPECT_TRUE(reader.peek().empty());
  EXPECT_TRUE(reader.empty());
}

TEST(RingReader, ARecordThatIsBeingWrittenHidesThoseBehindIt) {
  RingFile ring;
  RingReader reader = ring.reader();
  const std::uint64_t slow = ring.reserve("slow");
  ring.output("quick");
  EXPECT_TRUE(reader.peek().empty());
  EXPECT_FALSE(reader.empty());
  ring.submit(slow, "slow");
  EXPECT_EQ(text(reader.peek()), "slow");
  reader.take();
  EXPECT_EQ(text(reader.peek()), "quick");
}

TEST(RingReader, ADiscardedRecordIsNotThereAndItsSpaceIsGivenBack) {
  RingFile ring;
  RingReader reader = ring.reader();
  ring.submit(ring.reserve("dropped"), "dropped", true);
  ring.output("kept");
  EXPECT_EQ(text(reader.peek()), "kept");
  reader.take();
  ring.submit(ring.reserve("dropped"), "dropped", true);
  EXPECT_TRUE(reader.peek().empty());
  EXPECT_TRUE(reader.empty());
  reader.commit();
  EXPECT_EQ(ring.consumer(), 16U + 16U + 16U);
}

TEST(RingReader, ARecordAcrossTheEndIsWhole) {
  RingFile ring;
  RingReader reader = ring.reader();
  const std::string big(1500, 'b');
  for (int i = 0; i < 20; ++i) {
    const std::string record = big + std::to_string(i);
    ring.output(record);
    EXPECT_EQ(text(reader.peek()), record) << i;
    reader.take();
    reader.commit();
  }
  EXPECT_GT(ring.consumer(), 7 * RingFile::k_default_bytes);
}

TEST(RingReader, SpaceIsGivenBackByCommitOnlyAndASuccessorBeginsThere) {
  RingFile ring;
  {
    RingReader killed = ring.reader();
    ring.output("written");
    ring.output("not written");
    (void)killed.peek();
    killed.take();
    EXPECT_EQ(ring.consumer(), 0U);
    killed.commit();
    EXPECT_EQ(ring.consumer(), 16U);
    (void)killed.peek();
    killed.take();
  }
  RingReader next = ring.reader();
  EXPECT_EQ(text(next.peek()), "not written");
  EXPECT_EQ(next.used(), 24U) << "it has not been given back";
}

TEST(RingReader, GoesOnWhereAPredecessorHadComeWithoutGivingSpaceBack) {
  RingFile ring;
  RingReader killed = ring.reader();
  ring.output("written");
  ring.output("new");
  (void)killed.peek();
  killed.take();
  RingReader next = ring.reader();
  next.seek(killed.position());
  EXPECT_EQ(text(next.peek()), "new");
}

}  // namespace
}  // namespace gancho
