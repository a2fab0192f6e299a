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
    case FieldType::named_flags:
    case FieldType::syscall:
      return 8;
    case FieldType::comm:
      return EV_COMM_LEN;
    case FieldType::ip_address:
    case FieldType::port:
    case FieldType::endpoint:
      return sizeof(ev_address);
    case FieldType::connection:
      return sizeof(ev_socket);
    case FieldType::sock_proto:
      return sizeof(ev_socket_kind);
    case FieldType::path:
    case FieldType::host_path:
    case FieldType::path_flag:
      return sizeof(ev_path);
    case FieldType::container:
    case FieldType::container_flag:
      return sizeof(ev_container);
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
  const bool named = field.type == FieldType::named || field.type == FieldType::named_flags;
  EXPECT_EQ(field.names.empty(), !named);
  EXPECT_TRUE(field.type != FieldType::named_flags || fits(field.names));
  EXPECT_EQ(field.word != nullptr, field.type == FieldType::word);
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
  EXPECT_EQ(k_recording_version, 6u);
  EXPECT_EQ(sizeof(ev_header), 72u);
  EXPECT_EQ(sizeof(ev_ancestor), 32u);
  EXPECT_EQ(sizeof(ev_string), 4u);
  EXPECT_EQ(sizeof(ev_path), 8u);
  EXPECT_EQ(sizeof(ev_container), 24u);
  struct Pinned {
    std::string_view event;
    std::uint32_t size;
    std::uint32_t fields;
  };
  static constexpr Pinned pinned[] = {
      {"exec", 352, 0xbd202985},
      {"fork", 112, 0xa4d266e0},
      {"exit", 144, 0x7b5f5404},
      {"existing", 352, 0xbd403023},
      {"open", 240, 0x2573e653},
      {"unlink", 240, 0x1e2cc243},
      {"rmdir", 240, 0x1e2cc243},
      {"rename", 240, 0x48fca753},
      {"link", 240, 0x48fca753},
      {"symlink", 240, 0x665efde2},
      {"mkdir", 240, 0x0b4710ca},
      {"mknod", 240, 0x171668ba},
      {"chmod", 240, 0xaaf70d51},
      {"chown", 240, 0x3d5cbd9b},
      {"truncate", 240, 0xa14af658},
      {"setxattr", 240, 0x000489f5},
      {"removexattr", 240, 0x2a8e1f57},
      {"chdir", 240, 0x1e2cc243},
      {"chroot", 240, 0x1e2cc243},
      {"mount", 240, 0xa2a3f822},
      {"umount", 240, 0x0b8da73d},
      {"move_mount", 240, 0x929ee244},
      {"pivot_root", 240, 0xdcac0169},
      {"kill", 440, 0x24aed599},
      {"ptrace", 440, 0x617a5ed9},
      {"process_vm", 440, 0x2e921ac0},
      {"setns", 440, 0x7ef999a4},
      {"unshare", 440, 0x0eb2f203},
      {"clone", 440, 0x827a6c08},
      {"bpf", 440, 0xdb03812f},
      {"perf_event_open", 440, 0xd055cabf},
      {"module_load", 440, 0xaa9edff5},
      {"module_delete", 440, 0xbf9286ec},
      {"kexec", 440, 0xc4b37b18},
      {"keyctl", 440, 0x61733ad6},
      {"add_key", 440, 0x5233117f},
      {"request_key", 440, 0x96e1112d},
      {"memfd_create", 440, 0x76637cdc},
      {"io_uring_setup", 440, 0x75f4d481},
      {"userfaultfd", 440, 0x840dbbb3},
      {"memory_exec", 440, 0xa893d412},
      {"dup", 440, 0x1b545469},
      {"read", 288, 0x943ee59d},
      {"write", 288, 0x943ee59d},
      {"socket", 296, 0x3fdee7a2},
      {"socketpair", 296, 0xa54df250},
      {"bind", 296, 0x365c601f},
      {"listen", 296, 0x50b11f4c},
      {"connect", 296, 0xfac9f2db},
      {"accept", 296, 0xe707f039},
      {"credentials", 304, 0xb212e4bc},
      {"loginuid", 128, 0x9f6c52ed},
      {"setsid", 136, 0x94ced2ec},
      {"setpgid", 136, 0x669c2ef2},
      {"terminal", 136, 0x634acb2c},
      {"prctl", 136, 0xa08f94e4},
      {"syscall", 200, 0x2e9c6d06},
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
