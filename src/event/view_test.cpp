// SPDX-License-Identifier: Apache-2.0
#include "event/view.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <string>
#include <vector>

#include "support/record_builder.h"
#include "support/sample_room.h"

namespace gancho {
namespace {

using test::RecordBuilder;

const EventDesc& sample() {
  return *find_event("sample");
}

const FieldDesc& field(std::string_view name) {
  for (const FieldDesc& candidate : sample().fields)
    if (candidate.name == name) return candidate;
  throw std::logic_error("no such field");
}

TEST(FindEvent, ByTypeAndByName) {
  EXPECT_EQ(find_event(test::k_sample_type), find_event("sample"));
  EXPECT_EQ(find_event(test::k_bare_type)->name, "bare");
  EXPECT_EQ(find_event(std::uint16_t{0}), nullptr);
  EXPECT_EQ(find_event(std::uint16_t{65535}), nullptr);
  EXPECT_EQ(find_event("samplex"), nullptr);
}

TEST(EventView, RefusesWhatIsNoRecord) {
  RecordBuilder builder(sample());
  builder.text("s.string", "tail");
  const auto whole = builder.bytes();
  ASSERT_TRUE(EventView::create(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(EventView::create(cut)) << size;
    if (size < sizeof(ev_header)) continue;
    const auto claimed = static_cast<std::uint32_t>(size);  // now the size field agrees
    std::memcpy(cut.data(), &claimed, sizeof(claimed));
    EXPECT_EQ(EventView::create(cut).has_value(), size >= sizeof(test::ev_sample)) << size;
  }
}

TEST(EventView, RefusesUnknownTypesAndClasses) {
  RecordBuilder unknown_type(sample());
  unknown_type.put(offsetof(ev_header, type), std::uint16_t{77});
  EXPECT_EQ(EventView::create(unknown_type.bytes()).error().message,
            "record has the unknown type 77");
  RecordBuilder unknown_class(sample());
  unknown_class.put(offsetof(ev_header, class_id), std::uint8_t{EV_CLASS_COUNT});
  EXPECT_EQ(EventView::create(unknown_class.bytes()).error().message,
            "sample record has the unknown class 2");
}

TEST(EventView, ReadsAtAnyAlignment) {
  RecordBuilder builder(sample());
  builder.number("s.u64", 0x1122334455667788).text("s.string", "abc");
  const auto bytes = builder.bytes();
  std::vector<std::byte> shifted(bytes.size() + 1);
  std::memcpy(shifted.data() + 1, bytes.data(), bytes.size());
  const auto view = EventView::create(std::span(shifted).subspan(1));
  ASSERT_TRUE(view);
  Value value;
  ASSERT_TRUE(view->get(field("s.u64"), value));
  EXPECT_EQ(value.number, 0x1122334455667788u);
  ASSERT_TRUE(view->get(field("s.string"), value));
  EXPECT_EQ(value.bytes, "abc");
  EXPECT_EQ(view->header().type, test::k_sample_type);
}

TEST(EventView, AFieldIsThereWhenItsGroupWasRead) {
  RecordBuilder builder(sample());
  Value value;
  EXPECT_FALSE(builder.view().get(field("s.device"), value));
  builder.number("s.device", 5);
  EXPECT_TRUE(builder.view().get(field("s.device"), value));
  EXPECT_EQ(value.number, 5u);
}

TEST(EventView, SignsAreExtended) {
  RecordBuilder builder(sample());
  builder.number("s.i32", static_cast<std::uint32_t>(-7));
  Value value;
  ASSERT_TRUE(builder.view().get(field("s.i32"), value));
  EXPECT_EQ(value.signed_number(), -7);
}

TEST(EventView, PathsAreSeenFromTheProcessesRootAndFromTheTop) {
  RecordBuilder builder(sample());
  builder.text("s.path", "/srv/jail/bin/sh", 9, EV_PATH_DELETED);
  Value value;
  ASSERT_TRUE(builder.view().get(field("s.path"), value));
  EXPECT_EQ(value.bytes, "/bin/sh");
  ASSERT_TRUE(builder.view().get(field("s.hostpath"), value));
  EXPECT_EQ(value.bytes, "/srv/jail/bin/sh");
  ASSERT_TRUE(builder.view().get(field("s.deleted"), value));
  EXPECT_EQ(value.number, 1u);

  builder.text("s.path", "/srv/jail", 9);  // the root itself
  ASSERT_TRUE(builder.view().get(field("s.path"), value));
  EXPECT_EQ(value.bytes, "/");

  builder.text("s.path", "/srv", 5);  // a root below the path: nonsense
  EXPECT_FALSE(builder.view().get(field("s.path"), value));
}

TEST(EventView, AbsentAndEmptyAreTwoThings) {
  RecordBuilder builder(sample());
  Value value;
  EXPECT_FALSE(builder.view().get(field("s.string"), value));
  builder.text("s.string", "");
  EXPECT_TRUE(builder.view().get(field("s.string"), value));
  EXPECT_EQ(value.bytes, "");
}

TEST(EventView, ReferencesOutsideOfTheTailAreAbsent) {
  for (const ev_string reference :
       {ev_string{8, 4}, ev_string{sizeof(test::ev_sample) - 1, 1},
        ev_string{sizeof(test::ev_sample), 5}, ev_string{65535, 65535}}) {
    RecordBuilder builder(sample());
    builder.text("s.path", "four");
    builder.put(offsetof(test::ev_sample, string), reference);
    Value value;
    EXPECT_FALSE(builder.view().get(field("s.string"), value)) << reference.offset;
    EXPECT_EQ(builder.view().string(reference), "");
  }
}

TEST(EventView, EveryValueLiesInsideTheRecordWhateverItSays) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint8_t> noise, std::uint16_t size) {
    std::vector<std::byte> record(sizeof(test::ev_sample) + size % 512);
    for (std::size_t i = 0; i < record.size() && !noise.empty(); ++i)
      record[i] = static_cast<std::byte>(noise[i % noise.size()]);
    const auto put = [&](std::size_t at, auto value) {
      std::memcpy(record.data() + at, &value, sizeof(value));
    };
    put(0, static_cast<std::uint32_t>(record.size()));
    put(4, std::uint16_t{test::k_sample_type});
    put(6, std::uint8_t{0});
    const auto view = EventView::create(record);
    RC_ASSERT(view.has_value());
    const auto* begin = reinterpret_cast<const char*>(record.data());
    for (const FieldDesc& candidate : sample().fields) {
      if (candidate.type == FieldType::word) continue;  // out of a constant table
      Value value;
      if (!view->get(candidate, value) || value.bytes.empty() || value.bytes == "/") continue;
      RC_ASSERT(value.bytes.data() >= begin);
      RC_ASSERT(value.bytes.data() + value.bytes.size() <= begin + record.size());
    }
  }));
}

}  // namespace
}  // namespace gancho
