// SPDX-License-Identifier: Apache-2.0
#include "event/recording.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "event/recording_wire.h"
#include "event/view.h"
#include "support/record_builder.h"
#include "support/sample_room.h"

namespace gancho {
namespace {

using test::RecordBuilder;

// Memory that is full after `room` bytes: as a disk, it takes what still fits.
class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(std::size_t room = SIZE_MAX) : room_(room) {}
  Status write(std::span<const std::byte> more) override {
    ++writes;
    const std::size_t fits = std::min(more.size(), room_ - bytes.size());
    bytes.insert(bytes.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(fits));
    if (fits < more.size()) return fail_errno("memory", ENOSPC);
    return {};
  }
  std::vector<std::byte> bytes;
  int writes = 0;

 private:
  std::size_t room_;
};

const RecordingInfo k_info{.clock = {12345},
                           .writer = "gancho 1.2.3",
                           .kernel_release = "6.1.0-18-amd64",
                           .host = "web1",
                           .users = {{0, "root"}, {1000, "ali\xff"}},
                           .groups = {{0, "root"}}};

const RecordingTotals k_totals{{{10, 7, 2, 1}, {0, 0, 0, 0}}};

std::vector<std::byte> record(std::uint32_t pid, std::string_view text) {
  RecordBuilder builder(*find_event("sample"));
  builder.number("proc.pid", pid).text("s.string", text);
  const auto bytes = builder.bytes();
  return {bytes.begin(), bytes.end()};
}

struct Written {
  std::vector<std::byte> file;
  std::vector<std::size_t> ends;       // of the complete blocks, header first, end block last
  std::vector<std::uint64_t> records;  // complete at that place
};

// Three blocks of records of odd sizes, a loss and a clock among them.
Written write_sample() {
  Written written;
  MemorySink sink;
  RecordingWriter writer = RecordingWriter::create(sink, k_info).value();
  const auto mark = [&] {
    written.ends.push_back(sink.bytes.size());
    written.records.push_back(writer.records());
  };
  mark();
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (std::uint32_t i = 0; i < 3; ++i)
      EXPECT_TRUE(writer.append(record(block * 10 + i, std::string(block + i, 'x'))));
    if (block == 1) {
      EXPECT_TRUE(writer.append(Loss{.class_id = EV_CLASS_BULK,
                                     .reason = LossReason::slot,
                                     .cpu = 2,
                                     .count = 5,
                                     .time = 77}));
    }
    if (block == 2) {
      EXPECT_TRUE(writer.append(WallClock{-9}, 88));
    }
    EXPECT_TRUE(writer.flush());
    mark();
  }
  EXPECT_TRUE(writer.finish(k_totals));
  mark();
  EXPECT_EQ(writer.bytes(), sink.bytes.size());
  written.file = sink.bytes;
  return written;
}

std::vector<std::uint32_t> pids(const Recording& recording) {
  std::vector<std::uint32_t> found;
  auto items = recording.items();
  Recording::Item item;
  while (items.next(item))
    if (item.kind == Recording::Kind::record)
      found.push_back(EventView::create(item.record).value().header().pid);
  return found;
}

TEST(Recording, GivesBackWhatWasWritten) {
  const Written written = write_sample();
  const auto recording = Recording::open(written.file);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_EQ(recording->info().clock.offset_ns, 12345);
  EXPECT_EQ(recording->info().writer, k_info.writer);
  EXPECT_EQ(recording->info().kernel_release, k_info.kernel_release);
  EXPECT_EQ(recording->info().host, k_info.host);
  EXPECT_EQ(recording->info().users, k_info.users);
  EXPECT_EQ(recording->info().groups, k_info.groups);
  EXPECT_EQ(recording->totals(), k_totals);
  EXPECT_EQ(recording->records(), 9u);
  EXPECT_EQ(recording->damage(), "");

  auto items = recording->items();
  Recording::Item item;
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(items.next(item));
      ASSERT_EQ(item.kind, Recording::Kind::record);
      const auto expected = record(block * 10 + i, std::string(block + i, 'x'));
      ASSERT_TRUE(std::ranges::equal(item.record, expected));
    }
    if (block == 1) {
      ASSERT_TRUE(items.next(item));
      ASSERT_EQ(item.kind, Recording::Kind::loss);
      EXPECT_EQ(item.loss.class_id, EV_CLASS_BULK);
      EXPECT_EQ(item.loss.reason, LossReason::slot);
      EXPECT_EQ(item.loss.cpu, 2u);
      EXPECT_EQ(item.loss.count, 5u);
      EXPECT_EQ(item.loss.time, 77u);
    }
    if (block == 2) {
      ASSERT_TRUE(items.next(item));
      ASSERT_EQ(item.kind, Recording::Kind::clock);
      EXPECT_EQ(item.clock.offset_ns, -9);
    }
  }
  EXPECT_FALSE(items.next(item));
}

TEST(Recording, CutAnywhereIsRefusedAndTheCompletePartIsSalvaged) {
  const Written written = write_sample();
  const std::vector<std::uint32_t> all = pids(Recording::open(written.file).value());
  for (std::size_t size = 0; size < written.file.size(); ++size) {
    const auto cut = std::span(written.file).first(size);
    const auto refused = Recording::open(cut);
    ASSERT_FALSE(refused) << size;
    ASSERT_EQ(refused.error().code, Errc::input);
    const auto salvaged = Recording::open(cut, Salvage::yes);
    ASSERT_EQ(salvaged.has_value(), size >= written.ends.front()) << size;
    if (!salvaged) continue;
    std::uint64_t complete = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < written.ends.size(); ++i)
      if (written.ends[i] <= size) complete = written.records[i], at = written.ends[i];
    ASSERT_EQ(salvaged->records(), complete) << size;
    ASSERT_EQ(pids(*salvaged),
              std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(complete)));
    ASSERT_FALSE(salvaged->totals());
    // The refusal says where and how much.
    const std::string where = "at byte " + std::to_string(at) + "; " + std::to_string(complete) +
                              " complete records stand before it; --salvage";
    ASSERT_NE(refused.error().message.find(where), std::string::npos) << refused.error().message;
  }
}

TEST(Recording, EveryFlippedByteIsNoticed) {
  const Written written = write_sample();
  for (std::size_t at = 0; at < written.file.size(); ++at) {
    std::vector<std::byte> damaged = written.file;
    damaged[at] ^= std::byte{0x40};
    ASSERT_FALSE(Recording::open(damaged)) << at;
    const auto salvaged = Recording::open(damaged, Salvage::yes);
    ASSERT_EQ(salvaged.has_value(), at >= written.ends.front()) << at;
    std::uint64_t complete = 0;
    for (std::size_t i = 0; i < written.ends.size(); ++i)
      if (written.ends[i] <= at) complete = written.records[i];
    if (salvaged) {
      ASSERT_EQ(salvaged->records(), complete) << at;
    }
  }
}

std::string refusal(std::vector<std::byte> file) {
  const auto recording = Recording::open(file);
  return recording ? "" : recording.error().message;
}

TEST(Recording, RefusalsSayWhatToDo) {
  const Written written = write_sample();
  const auto changed = [&](std::size_t at, std::uint32_t value) {
    std::vector<std::byte> file = written.file;
    std::memcpy(file.data() + at, &value, sizeof(value));
    return refusal(file);
  };
  EXPECT_EQ(refusal({}), "cannot read the recording: the file is empty");
  EXPECT_NE(changed(0, 0x464c457f).find("not a recording"), std::string::npos);
  EXPECT_NE(changed(8, recorded::k_foreign_byte_order).find("other byte order"), std::string::npos);
  EXPECT_NE(changed(12, k_recording_version + 1).find("use a newer gancho"), std::string::npos);

  std::vector<std::byte> text_mode;  // every CR LF became LF
  for (std::size_t i = 0; i < written.file.size(); ++i)
    if (written.file[i] != std::byte{'\r'} || i + 1 == written.file.size() ||
        written.file[i + 1] != std::byte{'\n'})
      text_mode.push_back(written.file[i]);
  EXPECT_NE(refusal(text_mode).find("text transfer"), std::string::npos);

  std::vector<std::byte> longer = written.file;
  longer.resize(longer.size() + 8);
  EXPECT_NE(refusal(longer).find("8 bytes follow the end block"), std::string::npos);
}

// A block of our own making, with a checksum that is right: damage that only a look inside finds.
std::vector<std::byte> with_block(recorded::BlockKind kind, std::span<const std::byte> payload,
                                  std::uint32_t records) {
  const Written written = write_sample();
  std::vector<std::byte> file(
      written.file.begin(),
      written.file.begin() +
          static_cast<std::ptrdiff_t>(kind == recorded::k_header ? 16 : written.ends[0]));
  recorded::BlockHead head{.kind = kind,
                           .length = static_cast<std::uint32_t>(payload.size()),
                           .records = records,
                           .crc = 0};
  head.crc = recorded::block_crc(head, payload);
  const auto bytes = recorded::bytes_of(head);
  file.insert(file.end(), bytes.begin(), bytes.end());
  file.insert(file.end(), payload.begin(), payload.end());
  return file;
}

TEST(Recording, KeepsWhatIsKnownOfContainersWhereItWasFoundOut) {
  const ContainerInfo info{.found = true,
                           .type = "podman",
                           .name = "web\xff",
                           .image = "a:1",
                           .pod_namespace = "shop",
                           .privileged = Privileged::yes,
                           .users = {{0, "root"}, {33, "www"}},
                           .groups = {{7, ""}}};
  MemorySink sink;
  RecordingWriter writer = RecordingWriter::create(sink, {}).value();
  ASSERT_TRUE(writer.append(record(1, "before")));
  ASSERT_TRUE(writer.append(77, info, 5));
  ASSERT_TRUE(writer.append(record(2, "after")));
  ASSERT_TRUE(writer.append(78, {}, 6));
  ASSERT_TRUE(writer.finish({}));
  const auto recording = Recording::open(sink.bytes);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_EQ(recording->records(), 2u);
  std::vector<Recording::Item> items(4);
  auto cursor = recording->items();
  for (Recording::Item& item : items) ASSERT_TRUE(cursor.next(item));
  EXPECT_EQ(items[0].kind, Recording::Kind::record);
  EXPECT_EQ(items[1].kind, Recording::Kind::container);
  EXPECT_EQ(items[1].cgroup_id, 77u);
  EXPECT_EQ(items[1].container, info);
  EXPECT_EQ(items[2].kind, Recording::Kind::record);
  EXPECT_EQ(items[3].cgroup_id, 78u);
  EXPECT_EQ(items[3].container, ContainerInfo{});
}

TEST(Recording, ARightChecksumIsNotBelievedEither) {
  recorded::Notice notice{.size = 4,
                          .type = 0,
                          .class_id = 0,
                          .notice = recorded::k_loss,
                          .time = 0,
                          .value = 0,
                          .cpu = 0,
                          .reason = 0,
                          .zero = 0};
  const auto refused = [&](std::string_view why) {
    EXPECT_NE(refusal(with_block(recorded::k_items, recorded::bytes_of(notice), 0)).find(why),
              std::string::npos)
        << why;
  };
  refused("an item of 4 bytes");
  notice.size = UINT32_MAX;
  refused("an item of 4294967295 bytes");
  notice.size = 32;
  refused("wrong size");
  notice.size = 40;
  notice.notice = 9;
  refused("says nothing");
  notice.notice = recorded::k_loss;
  notice.class_id = 9;
  refused("says nothing");
  notice.class_id = 0;
  notice.reason = 200;
  refused("says nothing");
  notice.type = 4444;
  refused("shorter than its header");
  notice.type = 0;
  notice.reason = 0;
  refused("there is no end block");  // the block itself is right now
  notice.notice = recorded::k_container;
  refused("about a container is cut off");
  notice.size = 32;
  refused("wrong size");
  notice.size = 40;
  notice.notice = recorded::k_loss;
  EXPECT_NE(refusal(with_block(recorded::k_items, recorded::bytes_of(notice), 3))
                .find("3 records, but has 0"),
            std::string::npos);

  recorded::HeaderHead header{.wall_offset_ns = 0,
                              .events = UINT32_MAX,
                              .users = UINT32_MAX,
                              .groups = UINT32_MAX,
                              .zero = 0};
  EXPECT_NE(refusal(with_block(recorded::k_header, recorded::bytes_of(header), 0)).find("cut off"),
            std::string::npos);
}

TEST(Recording, ALayoutOfAnotherProgramIsRefused) {
  struct {
    recorded::HeaderHead head;
    recorded::HeaderEvent event;
  } header{{.wall_offset_ns = 0, .events = 1, .users = 0, .groups = 0, .zero = 0},
           {.type = test::k_sample_type, .zero = 0, .size = 8}};
  EXPECT_NE(refusal(with_block(recorded::k_header, recorded::bytes_of(header), 0))
                .find("sample records have 8 bytes"),
            std::string::npos);
  header.event.type = 5;
  EXPECT_NE(refusal(with_block(recorded::k_header, recorded::bytes_of(header), 0)).find("type 5"),
            std::string::npos);
}

TEST(Recording, AFullDiskEndsItOnceAndLeavesWhatIsComplete) {
  const Written written = write_sample();
  for (std::size_t room = 0; room < written.file.size(); ++room) {
    MemorySink sink(room);
    auto writer = RecordingWriter::create(sink, k_info);
    bool failed = !writer;
    for (std::uint32_t i = 0; writer && i < 9; ++i) {
      if (!writer->append(record(i, "x")) || !writer->flush()) {
        failed = true;
        const int writes = sink.writes;
        const auto again = writer->append(record(99, "later"));
        ASSERT_FALSE(again);
        ASSERT_NE(again.error().message.find("No space left on device"), std::string::npos);
        ASSERT_FALSE(writer->finish(k_totals));
        ASSERT_EQ(sink.writes, writes);  // nobody writes behind a hole
        break;
      }
    }
    if (!failed) failed = !writer->finish(k_totals);
    ASSERT_TRUE(failed) << room;  // nine blocks need more than three
    const auto salvaged = Recording::open(sink.bytes, Salvage::yes);
    ASSERT_EQ(salvaged.has_value(), room >= written.ends.front()) << room;
    if (salvaged) {
      const auto found = pids(*salvaged);
      for (std::uint32_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], i);
    }
  }
}

TEST(Recording, BlocksAreWrittenWhenTheyAreFull) {
  MemorySink sink;
  RecordingWriter writer = RecordingWriter::create(sink, {}).value();
  const int before = sink.writes;
  const auto large = record(1, std::string(30'000, 'x'));
  ASSERT_TRUE(writer.append(large));
  ASSERT_TRUE(writer.append(large));
  EXPECT_EQ(sink.writes, before);
  ASSERT_TRUE(writer.append(large));
  EXPECT_EQ(sink.writes, before + 1);
  ASSERT_TRUE(writer.finish({}));
  EXPECT_EQ(Recording::open(sink.bytes).value().records(), 3u);
}

}  // namespace
}  // namespace gancho
