// SPDX-License-Identifier: Apache-2.0
//
// What must hold for the tables of every room of this build.
#include "event/schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <boost/json.hpp>
#include <cctype>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/utf8.h"
#include "event/json.h"
#include "event/recording.h"
#include "event/reference.h"
#include "event/room.h"
#include "event/text.h"
#include "support/facts.h"

namespace gancho {
namespace {

std::size_t wire_size(FieldType type) {
  switch (type) {
    case FieldType::event_class:
      return 1;
    case FieldType::event_name:
      return 2;
    case FieldType::u64:
    case FieldType::i64:
    case FieldType::boot_time:
    case FieldType::wall_time:
    case FieldType::duration:
    case FieldType::capabilities:
      return 8;
    case FieldType::comm:
      return EV_COMM_LEN;
    case FieldType::path:
    case FieldType::host_path:
    case FieldType::path_flag:
      return sizeof(ev_path);
    default:
      return 4;
  }
}

void expect_sound(const FieldDesc& field, std::size_t begin, std::size_t end) {
  SCOPED_TRACE(field.name);
  EXPECT_GE(field.offset, begin);
  EXPECT_LE(field.offset + wire_size(field.type), end);
  EXPECT_EQ(field.offset % std::min<std::size_t>(wire_size(field.type), 2), 0u);
  EXPECT_TRUE(field.present == k_always || field.present < 64);
  const bool bit = field.type == FieldType::flag || field.type == FieldType::path_flag;
  EXPECT_EQ(std::popcount(field.mask), bit ? 1 : 0);
  const bool names = field.type == FieldType::uid || field.type == FieldType::gid;
  EXPECT_TRUE(names || field.joined.empty());
  EXPECT_FALSE(field.meaning.empty());
  EXPECT_FALSE(field.meaning.ends_with('.'));
  EXPECT_EQ(field.meaning.find_first_of("|\n"), std::string_view::npos);
  for (const std::string_view name : {field.name, field.joined}) {
    EXPECT_LE(name.size(), k_field_name_max);
    EXPECT_FALSE(name.ends_with(".hex"));  // docs/json.md gives it a meaning
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '.' || c == '_';
    }));
  }
}

TEST(Schema, FieldsLieInTheirStructsAndAreDescribed) {
  for (const FieldDesc& field : common_fields()) expect_sound(field, 0, sizeof(ev_header));
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      SCOPED_TRACE(event.name);
      EXPECT_EQ(event.size % 8, 0u);
      EXPECT_GE(event.size, sizeof(ev_header));
      EXPECT_LT(event.class_id, EV_CLASS_COUNT);
      EXPECT_FALSE(event.meaning.empty() || event.meaning.ends_with('.'));
      for (const FieldDesc& field : event.fields)
        expect_sound(field, sizeof(ev_header), event.size);
    }
}

TEST(Schema, NamesAreUnique) {
  std::set<std::string_view> events{"lost"};  // the notice of a loss is called that
  std::set<std::uint16_t> types{EV_NONE};
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      EXPECT_TRUE(events.insert(event.name).second) << event.name;
      EXPECT_TRUE(types.insert(event.type).second) << event.name;
      std::set<std::string_view> fields;
      for (const auto list : {common_fields(), event.fields})
        for (const FieldDesc& field : list) {
          EXPECT_TRUE(fields.insert(field.name).second) << field.name;
          if (!field.joined.empty()) {
            EXPECT_TRUE(fields.insert(field.joined).second) << field.joined;
          }
        }
    }
}

TEST(Schema, EventsAreFound) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      EXPECT_EQ(find_event(event.type), &event);
      EXPECT_EQ(find_event(event.name), &event);
    }
}

// Any bytes behind a right header: one line of valid JSON, one printable line of text.
TEST(Schema, HostileRecordsOfEveryEventRender) {
  const test::SampleFacts facts;
  const JsonRenderer json(facts, {});
  TextRenderer text(facts, {}, {.colour = false, .utc = true});
  EXPECT_TRUE(rc::check([&](const std::vector<std::uint8_t>& noise, std::uint16_t extra) {
    RC_PRE(!noise.empty());
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events) {
        std::vector<std::byte> record(event.size + extra % 600);
        for (std::size_t i = 0; i < record.size(); ++i)
          record[i] = static_cast<std::byte>(noise[(i * 7 + i / 13) % noise.size()]);
        const auto size = static_cast<std::uint32_t>(record.size());
        std::memcpy(record.data(), &size, sizeof(size));
        std::memcpy(record.data() + offsetof(ev_header, type), &event.type, sizeof(event.type));
        record[offsetof(ev_header, class_id)] = std::byte{1};
        const auto view = EventView::create(record);
        RC_ASSERT(view.has_value());
        ByteBuffer out;
        json.render(*view, out);
        RC_ASSERT(boost::json::parse(out.view()).is_object());
        out.clear();
        text.render(*view, out);
        for (std::string_view rest = out.view().substr(0, out.size() - 1); !rest.empty();) {
          const Utf8 decoded = decode_utf8(rest);
          RC_ASSERT(decoded.length != 0u && !steers_terminal(decoded.code));
          rest.remove_prefix(decoded.length);
        }
      }
  }));
}

// A recording's version stands for these layouts. Whoever changes one raises k_recording_version
// (src/event/recording.h) and then the figures here. Figures of rooms that this build lacks do not
// count.
TEST(Schema, LayoutsArePinnedToTheRecordingVersion) {
  EXPECT_EQ(k_recording_version, 1u);
  EXPECT_EQ(sizeof(ev_header), 72u);
  EXPECT_EQ(sizeof(ev_ancestor), 32u);
  EXPECT_EQ(sizeof(ev_string), 4u);
  EXPECT_EQ(sizeof(ev_path), 8u);
  struct Pinned {
    std::string_view event;
    std::uint32_t size;
    std::uint32_t fields;
  };
  static constexpr Pinned pinned[] = {
      {"exec", 320, 0xc1c8fe35},       {"fork", 88, 0x0a209d26},
      {"exit", 96, 0xe4a2c613},        {"open", 208, 0x2ba6e60e},
      {"unlink", 208, 0x63c1a4fa},     {"rmdir", 208, 0x63c1a4fa},
      {"rename", 208, 0xb51f3723},     {"link", 208, 0xb51f3723},
      {"symlink", 208, 0x9f65bba2},    {"mkdir", 208, 0x6cae6c61},
      {"mknod", 208, 0x4a2fae4d},      {"pivot_root", 208, 0xf581ca22},
      {"move_mount", 208, 0x947e796d}, {"umount", 208, 0xd113e98d},
      {"mount", 208, 0xdc23fa03},      {"chroot", 208, 0x63c1a4fa},
      {"chdir", 208, 0x63c1a4fa},      {"removexattr", 208, 0x0381a166},
      {"setxattr", 208, 0x45197322},   {"truncate", 208, 0x0d478787},
      {"chown", 208, 0x1c283ca6},      {"chmod", 208, 0xf0e87869},
  };
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      std::string layout;
      for (const FieldDesc& field : event.fields)
        fmt::format_to(std::back_inserter(layout), "{} {} {} {} {}\n", field.name,
                       type_name(field.type), field.offset, field.mask, field.present);
      const std::uint32_t fields = crc32c(std::as_bytes(std::span(layout)));
      const auto* found = std::ranges::find(pinned, event.name, &Pinned::event);
      const std::string row =
          fmt::format("{{\"{}\", {}, 0x{:08x}}},", event.name, event.size, fields);
      if (found == std::end(pinned)) {
        ADD_FAILURE() << "add " << row;
        continue;
      }
      EXPECT_TRUE(found->size == event.size && found->fields == fields) << "now " << row;
    }
}

// The page in pieces, one for each event. Those of a room that this build lacks are left out:
// taking a room out must not break anything.
std::vector<std::string> sections(const std::string& page) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = std::min(page.find("\n## ", begin), page.size() - 1) + 1;
    const std::string section = page.substr(begin, end - begin);
    begin = end;
    const bool ours = std::ranges::any_of(rooms(), [&](const Room* room) {
      return section.find(fmt::format("Subsystem {}, class", room->name)) != std::string::npos;
    });
    if (ours || section.find("Subsystem ") == std::string::npos)
      found.push_back(section.substr(0, section.find_last_not_of('\n') + 1));
  }
  return found;
}

TEST(Reference, ThePageIsTheSchemas) {
  std::ifstream file(GANCHO_DOCS_DIR "/events.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(sections(page) == sections(events_page()))
      << "docs/events.md is out of date; make it again with: gancho docs events > docs/events.md";
}

}  // namespace
}  // namespace gancho
