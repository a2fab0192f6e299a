// SPDX-License-Identifier: Apache-2.0
//
// One name, one meaning: who reads a value in the output and writes a condition with it gets what
// he has read. For each field of each event: a record is shown, and the conditions that are made of
// what is shown hold for it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "event/json.h"
#include "event/room.h"
#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/field_table.h"
#include "rules/parser.h"
#include "support/record_builder.h"
#include "wire/socket.h"

namespace gancho::rules {
namespace {

using test::ancestor;
using test::RecordBuilder;

// What a condition reads is the same, and what it is compared with is written otherwise than it is
// shown. docs/conditions.md says so of each; capabilities, which are names there, beside.
constexpr auto k_written_otherwise = std::to_array<std::string_view>({
    "proc.args",  // one text, without the program's name, as in Falco's rules
    "proc.env",   // one text
    "proc.tty",   // the number that the kernel's stat(5) has, as in Falco's rules
});

bool is_written_otherwise(std::string_view name, const FieldDesc& field) {
  return field.type == FieldType::capabilities ||
         std::ranges::find(k_written_otherwise, name) != k_written_otherwise.end();
}

constexpr std::uint64_t k_cgroup = 77;

// Each id has a name that tells it from all others.
class Names final : public Facts {
 public:
  using Facts::group;
  using Facts::user;
  [[nodiscard]] std::string_view user(std::uint32_t uid) const override {
    return name("user ", uid);
  }
  [[nodiscard]] std::string_view group(std::uint32_t gid) const override {
    return name("group ", gid);
  }
  [[nodiscard]] const ContainerInfo* container(std::uint64_t cgroup) const override {
    return cgroup == k_cgroup ? &web_ : nullptr;
  }
  [[nodiscard]] std::optional<WallClock> clock() const override { return k_clock; }

  static constexpr WallClock k_clock{.offset_ns = 1'700'000'000'000'000'000};

 private:
  std::string_view name(std::string_view kind, std::uint32_t id) const {
    return names_.try_emplace(fmt::format("{}{}", kind, id)).first->first;
  }

  mutable std::map<std::string, int> names_;
  ContainerInfo web_{.found = true,
                     .type = "podman",
                     .name = "web",
                     .image = "reg/nginx:1.25",
                     .image_repository = "reg/nginx",
                     .image_tag = "1.25",
                     .image_digest = "sha256:aa",
                     .image_id = "bb",
                     .created = "2026-01-02T03:04:05Z",
                     .pod_name = "pod",
                     .pod_namespace = "space"};
};

// With what a record is filled. The odd ones: no bit is set, ids are unset, addresses are IPv6.
enum class With : std::uint8_t { ordinary, odd, unix_sockets };

// Of all that is set in a record no two are the same.
class Filler {
 public:
  Filler(const EventDesc& event, With with)
      : event_(event), record_(event), with_(with), odd_(with == With::odd) {}

  RecordBuilder fill() {
    for (const auto fields : {common_fields(), event_.fields})
      for (const FieldDesc& field : fields) put(field);
    for (const FieldDesc& field : event_.fields) {
      if (field.type == FieldType::flag) record_.number(field.name, odd_ ? 0 : 1);
      if (field.name == "fd.socket.state") record_.put(field.offset, socket());
    }
    if (with_ == With::unix_sockets) {
      for (const FieldDesc& field : event_.fields)
        if (field.name.starts_with("fd.unix.") && field.type == FieldType::string)
          record_.text(field.name, fmt::format("/run/{}", field.name));
    }
    record_.put(offsetof(ev_header, present), ~std::uint64_t{0});
    if (event_.container != 0)
      record_.container({.cgroup_id = odd_ ? 0 : k_cgroup,
                         .id = {},
                         .runtime = EV_RUNTIME_PODMAN,
                         .flags = EV_CONTAINER_KNOWN | EV_CONTAINER_MACHINE,
                         .owner = 0,
                         .mnt_ns = 1},
                        odd_ ? "" : std::string(64, 'c'));
    return record_;
  }

 private:
  void put(const FieldDesc& field) {
    const std::uint32_t next = ++last_;
    const std::string text = fmt::format("text \"{}\"", next);
    using enum FieldType;
    switch (field.type) {
      case u64:
      case i64:
      case boot_time:
      case duration:
        record_.put(field.offset, odd_ ? ~std::uint64_t{next} : std::uint64_t{next});
        break;
      case capabilities:
        record_.put(field.offset, odd_ ? 0 : std::uint64_t{next});
        break;
      case uid:
      case gid:
        record_.put(field.offset, odd_ ? UINT32_MAX : next);
        break;
      case error:
        record_.put(field.offset, odd_ ? 0 : -static_cast<std::int32_t>(next % 30 + 1));
        break;
      case mode:
      case file_type:
        record_.put(field.offset, std::uint32_t{odd_ ? S_IFDIR | 01755U : S_IFREG | 0640U});
        break;
      case named:
        record_.put(field.offset,
                    static_cast<std::uint32_t>(field.names[next % field.names.size()].number));
        break;
      case named_flags:
        record_.put(field.offset, std::uint64_t{next});
        break;
      case syscall:
        record_.put(field.offset, next);
        break;
      case comm:
      case string:
        record_.text(field.name, text);
        break;
      case path:
        record_.text(field.name, odd_ ? "/" + text : "/root/" + text, odd_ ? 0 : 5);
        break;
      case args:
        record_.list(field.name, {"program", text, "last"});
        break;
      case upward_path:
        record_.list(field.name, {text, "above"});
        break;
      case lineage:
        record_.lineage(field.name, {ancestor("near", next), ancestor("far", next + 1)});
        break;
      case ip_address:
      case port:
      case endpoint:
        record_.put(field.offset, address(next));
        break;
      // They show what others are read from, or are set once all others are.
      case connection:
      case sock_proto:
      case word:
      case host_path:
      case path_flag:
      case flag:
      case wall_time:
      case event_name:
      case event_class:
      case container:
      case container_flag:
        break;
      default:
        record_.put(field.offset, next);
        break;
    }
  }

  [[nodiscard]] ev_address address(std::uint32_t number) const {
    ev_address made{};
    if (with_ == With::unix_sockets) {
      made.family = AF_UNIX;
      return made;
    }
    made.family = odd_ ? AF_INET6 : AF_INET;
    made.port = static_cast<std::uint16_t>(number);
    made.bytes[0] = odd_ ? 0x20 : 10;
    made.bytes[odd_ ? 14 : 2] = static_cast<std::uint8_t>(number >> 8);
    made.bytes[odd_ ? 15 : 3] = static_cast<std::uint8_t>(number);
    return made;
  }

  ev_socket socket() {
    ev_socket made{};
    made.local = address(++last_);
    made.remote = address(++last_);
    made.kind = {.family = made.local.family, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
    made.state = 1;
    made.interface = ++last_;
    made.peer_pid = ++last_;
    made.peer_uid = odd_ ? UINT32_MAX : ++last_;
    made.peer_gid = odd_ ? UINT32_MAX : ++last_;
    return made;
  }

  const EventDesc& event_;
  RecordBuilder record_;
  With with_;
  bool odd_;
  std::uint32_t last_ = 100;
};

const Names& names() {
  static const Names made;
  return made;
}

// It holds, and its negation does not.
::testing::AssertionResult holds(const std::string& text, RecordBuilder& record) {
  const std::string negated = "not (" + text + ")";
  for (const std::string& condition : {text, negated}) {
    Problems problems;
    const auto parsed = parse_condition(RuleText(condition), problems);
    auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
    if (!typed) return ::testing::AssertionFailure() << text << ": " << problems.kept()[0].message;
    const bool matches = Evaluator(std::move(*typed), names()).matches(record.view());
    if (matches == (condition == negated))
      return ::testing::AssertionFailure() << condition << (matches ? " holds" : " does not hold");
  }
  return ::testing::AssertionSuccess();
}

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + '"';
}

// As a condition has it that stands in a list: of a list of programs their names.
std::string written(const boost::json::value& value) {
  if (value.is_string()) return quoted(std::string_view(value.get_string()));
  if (value.is_object()) return written(value.as_object().at("name"));
  return boost::json::serialize(value);
}

std::string condition(std::string_view name, const boost::json::value& value) {
  std::string made;
  if (!value.is_array()) return fmt::format("{} = {}", name, written(value));
  for (const boost::json::value& element : value.as_array())
    made += fmt::format("{}{} = {}", made.empty() ? "" : " and ", name, written(element));
  return made;
}

boost::json::object show(RecordBuilder& record) {
  ByteBuffer out;
  JsonRenderer(names(), Names::k_clock).render(record.view(), out);
  return boost::json::parse(out.view()).as_object();
}

template <class Visit>
void for_each_field(const Visit& visit) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      for (const auto fields : {common_fields(), event.fields})
        for (const FieldDesc& field : fields) visit(event, field);
}

TEST(ShownFields, AConditionReadsWhatIsShown) {
  std::set<std::string> seen;  // "exec user.uid"
  std::set<std::string_view> otherwise;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      for (const With with : {With::ordinary, With::odd, With::unix_sockets}) {
        SCOPED_TRACE(fmt::format("{}, filled {}", event.name, static_cast<int>(with)));
        RecordBuilder record = Filler(event, with).fill();
        const boost::json::object shown = show(record);
        for (const auto fields : {common_fields(), event.fields})
          for (const FieldDesc& field : fields)
            for (const std::string_view name : {field.name, field.joined}) {
              const auto found = shown.find(boost::json::string_view(name.data(), name.size()));
              if (name.empty() || found == shown.end()) continue;
              seen.insert(fmt::format("{} {}", event.name, name));
              const auto result = holds(condition(name, found->value()), record);
              if (!is_written_otherwise(name, field))
                EXPECT_TRUE(result);
              else if (!result)
                otherwise.insert(name);
            }
      }
  for (const std::string_view name : k_written_otherwise)
    EXPECT_TRUE(otherwise.contains(name)) << name << " is the same: leave it out of the list";
  for_each_field([&](const EventDesc& event, const FieldDesc& field) {
    for (const std::string_view name : {field.name, field.joined}) {
      if (name.empty()) continue;
      EXPECT_TRUE(seen.contains(fmt::format("{} {}", event.name, name)))
          << event.name << " was never shown with " << name;
    }
  });
}

// Nothing in between: the condition's field is found in the very place of the record, also where
// the values of two happen to be the same.
TEST(ShownFields, AConditionReadsThePlaceThatIsShown) {
  for_each_field([](const EventDesc& event, const FieldDesc& field) {
    for (const std::string_view name : {field.name, field.joined}) {
      if (name.empty()) continue;
      const auto read = find_field_rows(name, std::nullopt);
      ASSERT_TRUE(read) << name << ": " << read.error();
      if (read->reading == Reading::event_names) continue;  // of the event, not of a place
      const FieldRows& rows = read->rows[event.type];
      EXPECT_EQ(rows.first, &field) << event.name << ": " << name;
      EXPECT_EQ(rows.joined, name == field.joined) << event.name << ": " << name;
    }
  });
}

TEST(ShownFields, WhatIsWrittenOtherwiseIsSaid) {
  std::ifstream file(GANCHO_DOCS_DIR "/conditions.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const std::string_view name : k_written_otherwise)
    EXPECT_NE(page.find(fmt::format("`{}`", name)), std::string::npos) << name;
}

// The effective user is meant wherever there is one, and he has his other name, too.
TEST(ShownFields, AUserIsWhoActs) {
  std::size_t events = 0;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      RecordBuilder record = Filler(event, With::ordinary).fill();
      const boost::json::object shown = show(record);
      for (const char* kind : {"user.", "user.before.", "group.", "group.before."}) {
        const std::string id = std::string(kind) + (*kind == 'u' ? "uid" : "gid");
        const auto found = shown.find(id);
        if (found == shown.end()) continue;
        ++events;
        const std::string place = std::string(kind) + (*kind == 'u' ? "ruid" : "rgid");
        ASSERT_TRUE(shown.contains(place)) << event.name;
        EXPECT_NE(found->value(), shown.at(place)) << event.name;
        const std::string also = std::string(kind) + (*kind == 'u' ? "euid" : "egid");
        EXPECT_TRUE(holds(condition(also, found->value()), record)) << event.name;
        EXPECT_TRUE(holds(
            condition(std::string(kind) + "ename", shown.at(std::string(kind) + "name")), record))
            << event.name;
      }
    }
  EXPECT_GT(events, 80U);
}

}  // namespace
}  // namespace gancho::rules
