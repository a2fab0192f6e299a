// SPDX-License-Identifier: Apache-2.0
#include "rules/value_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "event/room.h"
#include "wire/socket.h"

namespace gancho::rules {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string_view> names(std::string_view field) {
  const auto found = find_field_rows(field, std::nullopt);
  EXPECT_TRUE(found) << field;
  return value_names(found.value());
}

TEST(ValueNames, OfClosedSets) {
  EXPECT_THAT(names("evt.res"), Contains("ENOENT"));
  EXPECT_THAT(names("evt.res"), Contains("SUCCESS"));
  EXPECT_THAT(names("fd.type"), Contains("regular"));
  EXPECT_THAT(names("fd.type"), Contains("signalfd"));
  EXPECT_THAT(names("evt.arg.domain"), Contains("AF_INET6"));
  EXPECT_THAT(names("fd.socket.type"), Contains("SOCK_CLOEXEC"));
  EXPECT_THAT(names("fd.socket.protocol"), Contains("NETLINK_ROUTE"));
  EXPECT_THAT(names("fd.l4proto"), Contains("udp"));
  EXPECT_THAT(names("thread.cap_effective"), Contains("CAP_BPF"));
  EXPECT_THAT(names("evt.syscall"), Contains("openat2"));
  // Of open and of others.
  EXPECT_THAT(names("evt.arg.flags"), Contains("O_RDONLY"));
  EXPECT_THAT(names("evt.arg.flags"), Contains("CLONE_NEWUSER"));
}

TEST(ValueNames, OfWhatMayBeAnything) {
  for (const char* field : {"proc.name", "fd.name", "user.name", "proc.pid", "fd.rip", "evt.failed",
                            "evt.arg.uid", "container.id", "evt.type",
                            // of a mount the name of a file system
                            "evt.arg.type"})
    EXPECT_THAT(names(field), IsEmpty()) << field;
}

// What a room finds for the bytes of a record is among the words that stand here.
TEST(ValueNames, HoldEveryWordOfTheSchema) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      for (const FieldDesc& field : event.fields) {
        if (field.type != FieldType::word) continue;
        const auto known = names(field.name);
        ASSERT_THAT(known, Not(IsEmpty())) << field.name;
        std::vector<std::byte> record(event.size + sizeof(ev_socket));
        std::byte* const at = record.data() + field.offset;
        const auto expect_known = [&] {
          const std::string_view word = field.word(at);
          EXPECT_TRUE(word.empty() || std::ranges::binary_search(known, word)) << word;
        };
        for (std::uint32_t mode = 0; mode <= 0170000; mode += 010000) {
          std::memcpy(at, &mode, sizeof(mode));
          expect_known();
        }
        for (std::uint16_t family = 0; family < 64; ++family)
          for (std::uint16_t other = 0; other < 300; ++other) {
            ev_socket socket{};
            socket.kind.family = family;
            socket.kind.protocol = other;
            socket.state = static_cast<decltype(socket.state)>(other % 32);
            std::memcpy(at, &socket, sizeof(socket));
            expect_known();
          }
      }
}

TEST(ValueNames, OfTwoNamesOneIsShown) {
  const auto shown_of = [](std::string_view field, std::string_view name) {
    return !std::ranges::binary_search(names(field), name) &&
           std::ranges::binary_search(names(field), shown_name(name));
  };
  for (const char* name : {"EWOULDBLOCK", "EDEADLOCK", "ENOTSUP"})
    EXPECT_TRUE(shown_of("evt.res", name)) << name;
  for (const char* name : {"AF_LOCAL", "AF_FILE", "AF_ROUTE"})
    EXPECT_TRUE(shown_of("evt.arg.domain", name)) << name;
  for (const char* name : {"O_NDELAY", "O_RSYNC"})
    EXPECT_TRUE(shown_of("evt.arg.flags", name)) << name;
  for (const char* name : {"SIGIOT", "SIGPOLL", "SIGCLD"})
    EXPECT_TRUE(shown_of("evt.arg.sig", name)) << name;
  EXPECT_EQ(shown_name("EAGAIN"), "");
}

TEST(ValueNames, PartsOfAValue) {
  const std::vector<std::string_view> known{"A", "B"};
  EXPECT_EQ(no_name_in("A", known), "");
  EXPECT_EQ(no_name_in("B|A", known), "");
  EXPECT_EQ(no_name_in("A B", known), "");
  EXPECT_EQ(no_name_in("A|0x10", known), "");
  EXPECT_EQ(no_name_in("-2", known), "");
  EXPECT_EQ(no_name_in("", known), "");
  EXPECT_EQ(no_name_in("A|C|D", known), "C");
  EXPECT_EQ(no_name_in("a", known), "a");
}

}  // namespace
}  // namespace gancho::rules
