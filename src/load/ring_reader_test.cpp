// SPDX-License-Identifier: Apache-2.0
//
// A file laid out like the kernel's ring: the reader cannot tell the difference.
#include "load/ring_reader.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/fd.h"

namespace gancho {
namespace {

constexpr std::size_t k_ring = 4096;

// The kernel's side.
class Ring {
 public:
  Ring()
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        file_(::memfd_create("ring", MFD_CLOEXEC)) {
    const std::size_t bytes = 2 * page_ + 2 * k_ring;
    EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(bytes)), 0);
    auto map = MemoryMap::create(file_.get(), bytes, MemoryMap::Access::read_write, 0, "ring");
    EXPECT_TRUE(map);
    map_ = std::move(*map);
  }

  [[nodiscard]] RingReader reader() const {
    auto reader = RingReader::create(file_.get(), k_ring);
    EXPECT_TRUE(reader);
    return std::move(*reader);
  }

  // Returns where the record begins, for submit().
  std::uint64_t reserve(std::string_view record) {
    const std::uint64_t at = producer();
    put(at, static_cast<std::uint32_t>(record.size()) | BPF_RINGBUF_BUSY_BIT, record);
    producer() = at + ((BPF_RINGBUF_HDR_SZ + record.size() + 7) & ~std::size_t{7});
    return at;
  }
  void submit(std::uint64_t at, std::string_view record, bool discard = false) {
    put(at, static_cast<std::uint32_t>(record.size()) | (discard ? BPF_RINGBUF_DISCARD_BIT : 0U),
        record);
  }
  void output(std::string_view record) { submit(reserve(record), record); }

  [[nodiscard]] std::uint64_t consumer() const { return *map_.as<std::uint64_t>(); }

 private:
  std::uint64_t& producer() {
    return *reinterpret_cast<std::uint64_t*>(map_.as<std::byte>() + page_);
  }

  // At both places where the data is mapped.
  void put(std::uint64_t at, std::uint32_t length, std::string_view record) {
    std::string bytes(BPF_RINGBUF_HDR_SZ, '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    bytes += record;
    auto* data = map_.as<char>() + 2 * page_;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t place = (at + i) % k_ring;
      data[place] = data[place + k_ring] = bytes[i];
    }
  }

  std::size_t page_;
  Fd file_;
  MemoryMap map_;
};

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(RingReader, AnEmptyRingHasNothing) {
  const Ring ring;
  RingReader reader = ring.reader();
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.peek().empty());
}

TEST(RingReader, RecordsComeInOrderAndStayUntilTheyAreTaken) {
  Ring ring;
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
  Ring ring;
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
  Ring ring;
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
  Ring ring;
  RingReader reader = ring.reader();
  const std::string big(1500, 'b');
  for (int i = 0; i < 20; ++i) {
    const std::string record = big + std::to_string(i);
    ring.output(record);
    EXPECT_EQ(text(reader.peek()), record) << i;
    reader.take();
    reader.commit();
  }
  EXPECT_GT(ring.consumer(), 7 * k_ring);
}

TEST(RingReader, SpaceIsGivenBackByCommitOnlyAndASuccessorBeginsThere) {
  Ring ring;
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
}

TEST(RingReader, GoesOnWhereAPredecessorHadComeWithoutGivingSpaceBack) {
  Ring ring;
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
