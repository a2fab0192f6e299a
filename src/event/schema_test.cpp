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
  EXPECT_EQ(k_recording_version, 4u);
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
      {"exec", 344, 0xf33695e2},
      {"fork", 112, 0xa4d266e0},
      {"exit", 144, 0x7b5f5404},
      {"existing", 344, 0x55f8e893},
      {"open", 240, 0x4cb6e8e0},
      {"unlink", 240, 0x7b51430e},
      {"rmdir", 240, 0x7b51430e},
      {"rename", 240, 0x8af0cd6e},
      {"link", 240, 0x8af0cd6e},
      {"symlink", 240, 0x14690e62},
      {"mkdir", 240, 0x98ccfc0b},
      {"mknod", 240, 0x58a049ab},
      {"chmod", 240, 0xe15b2f43},
      {"chown", 240, 0x87363eba},
      {"truncate", 240, 0x49da8096},
      {"setxattr", 240, 0x4a062e38},
      {"removexattr", 240, 0x459316c2},
      {"chdir", 240, 0x7b51430e},
      {"chroot", 240, 0x7b51430e},
      {"mount", 240, 0x17ac5577},
      {"umount", 240, 0x08fe32b4},
      {"move_mount", 240, 0xfd527c34},
      {"pivot_root", 240, 0x07e78267},
      {"kill", 440, 0x1f351b29},
      {"ptrace", 440, 0x05e2f0b7},
      {"process_vm", 440, 0x264ebf6c},
      {"setns", 440, 0x67800f19},
      {"unshare", 440, 0x1b0e727f},
      {"clone", 440, 0x903779b2},
      {"bpf", 440, 0xcce508d5},
      {"perf_event_open", 440, 0xa0bf9d69},
      {"module_load", 440, 0xf54f1933},
      {"module_delete", 440, 0x947f1b0f},
      {"kexec", 440, 0xa0d2ba7a},
      {"keyctl", 440, 0xd3e61213},
      {"add_key", 440, 0xc4cd3900},
      {"request_key", 440, 0x4fea5f21},
      {"memfd_create", 440, 0xf2668fd9},
      {"io_uring_setup", 440, 0xdcc5042d},
      {"userfaultfd", 440, 0xfc4c7f93},
      {"memory_exec", 440, 0x28b7ae81},
      {"dup", 440, 0xc9404e62},
      {"read", 288, 0xf4e636fa},
      {"write", 288, 0xf4e636fa},
      {"socket", 296, 0xc251ee31},
      {"socketpair", 296, 0x5eba2f93},
      {"bind", 296, 0xdffc3f8e},
      {"listen", 296, 0x309bc007},
      {"connect", 296, 0x863e475b},
      {"accept", 296, 0xa85606b8},
      {"credentials", 304, 0xc78e76b9},
      {"loginuid", 128, 0x9f6c52ed},
      {"setsid", 136, 0x94ced2ec},
      {"setpgid", 136, 0x669c2ef2},
      {"terminal", 136, 0x634acb2c},
      {"prctl", 136, 0xa08f94e4},
      {"syscall", 200, 0xdd457afb},
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
