// SPDX-License-Identifier: Apache-2.0
#include "cli/map_attached.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/bpf.h>

#include "cli/map_hook.h"
#include "cli/map_subsystem.h"
#include "map/find.h"

namespace gancho {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

Inventory some_inventory() {
  Inventory inventory;
  inventory.places = {
      {.kind = PlaceKind::function, .subsystem = Subsystem::vfs, .name = "vfs_read"},
      {.kind = PlaceKind::xdp, .subsystem = Subsystem::drivers, .name = "xdp eth0"},
  };
  return inventory;
}

AttachedView some_view() {
  AttachedView seen;
  Attached& attached = seen.attached;
  attached.programs[41] = {.id = 41,
                           .type = BPF_PROG_TYPE_TRACING,
                           .name = "count_reads",
                           .tag = "0123456789abcdef",
                           .jited_size = 120,
                           .translated_size = 200,
                           .memory = 4096,
                           .maps = {7}};
  attached.programs[41].holders.owners = {
      {.pid = 1234, .name = "counter", .container = "3f2a91bc0d1e5566"},
      {.pid = 1300, .name = "helper"}};
  attached.programs[42] = {.id = 42, .type = BPF_PROG_TYPE_XDP, .name = "drop\033[31m"};
  attached.programs[42].holders.pins = {"/sys/fs/bpf/drop"};
  attached.programs[43] = {.id = 43, .type = BPF_PROG_TYPE_SOCKET_FILTER, .name = "on_socket"};
  attached.maps[7] = {.id = 7,
                      .type = BPF_MAP_TYPE_HASH,
                      .name = "counts",
                      .key_size = 4,
                      .value_size = 8,
                      .max_entries = 10,
                      .memory = 2048};
  attached.attachments = {
      {.program = 41, .link = 3, .how = "fentry", .kind = PlaceKind::function, .place = "vfs_read"},
      {.program = 42,
       .how = "xdp",
       .kind = PlaceKind::xdp,
       .place = "xdp eth0",
       .detail = "generic"},
      {.program = 42,
       .how = "xdp",
       .kind = PlaceKind::xdp,
       .place = "xdp eth0",
       .network = 4026532000},
  };
  attached.networks = {{.inode = 4026532000, .name = "blue", .pid = 0}};
  attached.networks.front().interfaces = {
      {.name = "v7", .index = 2, .driver = "veth", .netkit = false, .xdp = 1}};
  return seen;
}

TEST(AttachedPage, SaysWhereWhatAndWhose) {
  const std::string page = attached_page(some_inventory(), some_view(), "", {.width = 120});
  EXPECT_THAT(page,
              HasSubstr("Programs: 2 attached, at 3 places; 1 loaded only. Maps: 1, 2.0 KiB."));
  EXPECT_THAT(page, HasSubstr("In other network namespaces: blue"));
  EXPECT_THAT(page, ContainsRegex("fentry +vfs_read +41 count_reads +counter\\[1234\\] in "
                                  "3f2a91bc0d1e \\+1"));
  EXPECT_THAT(page, ContainsRegex("xdp +xdp eth0 generic +42 drop.* +pinned /sys/fs/bpf/drop"));
  EXPECT_THAT(page, ContainsRegex("xdp +xdp eth0 @blue +42 drop"));
  EXPECT_THAT(page, ContainsRegex("socket_filter +43 on_socket +kept by a socket"));
  EXPECT_THAT(page, Not(HasSubstr("\033"))) << "names are other people's";
}

TEST(AttachedPage, AProgramAtSeveralPlacesHasOneRow) {
  AttachedView seen = some_view();
  for (const char* function : {"vfs_a", "vfs_b"})
    seen.attached.attachments.push_back({.program = 41,
                                         .link = 4,
                                         .how = "kprobe",
                                         .kind = PlaceKind::function,
                                         .place = function,
                                         .detail = "multi, 2 functions"});
  EXPECT_THAT(
      attached_page(some_inventory(), seen, "", {.width = 120}),
      ContainsRegex("kprobe +multi, 2 functions +41 count_reads +counter.*\n +vfs_a vfs_b"));
}

TEST(AttachedPage, FiltersByPlaceProgramAndOwner) {
  const auto page = [&](const char* filter) {
    return attached_page(some_inventory(), some_view(), filter, {});
  };
  EXPECT_THAT(page("vfs_*"), HasSubstr("count_reads"));
  EXPECT_THAT(page("vfs_*"), Not(HasSubstr("eth0")));
  EXPECT_THAT(page("helper"), HasSubstr("count_reads"));
  EXPECT_THAT(page("on_*"), HasSubstr("43 on_socket"));
  EXPECT_THAT(page("on_*"), Not(HasSubstr("vfs_read")));
  EXPECT_THAT(page("nobody"), HasSubstr("Nothing of it matches."));
}

TEST(AttachedPage, ShowsTheCostAndThatOfCounting) {
  AttachedView seen = some_view();
  seen.costs.emplace();
  seen.costs->elapsed = std::chrono::seconds(2);
  seen.costs->own_ns = 20;
  seen.costs->programs[41] = {.runs = 2000, .time_ns = 200'000};
  const std::string page = attached_page(some_inventory(), seen, "", {.width = 160});
  EXPECT_THAT(page, HasSubstr("0.01 % 1000/s 100 ns"));
  EXPECT_THAT(page, HasSubstr("Measured for 2.0 s"));
  EXPECT_THAT(page, HasSubstr("20.0 ns a run here"));
  EXPECT_EQ(cost_text(seen, 42), "");
}

TEST(AttachedPage, SaysWhatItCouldNotSee) {
  AttachedView seen = some_view();
  seen.attached.blanks = {"pins: no file system of BPF is mounted"};
  EXPECT_THAT(attached_page(some_inventory(), seen, "", {}),
              HasSubstr("Not seen: pins: no file system of BPF is mounted"));
}

TEST(ProgramPage, SaysEverythingOfOne) {
  const std::string page = program_page(some_inventory(), some_view(), "41", {.width = 120});
  EXPECT_THAT(page, ContainsRegex("Type +tracing"));
  EXPECT_THAT(page, ContainsRegex("Tag +0123456789abcdef"));
  EXPECT_THAT(page, ContainsRegex("Size +120 B of machine code, 200 B translated, 4.0 KiB"));
  EXPECT_THAT(page, ContainsRegex("Attached +fentry vfs_read \\(vfs\\)"));
  EXPECT_THAT(page, ContainsRegex("Maps +7 counts +hash, 10 x 4\\+8 B, 2.0 KiB"));
  EXPECT_THAT(program_page(some_inventory(), some_view(), "on_socket", {}),
              HasSubstr("to nothing that the kernel tells of"));
  EXPECT_EQ(program_page(some_inventory(), some_view(), "nobody", {}), "");
}

TEST(HookPageWithPrograms, SaysWhoIsThere) {
  const Inventory inventory = some_inventory();
  const AttachedView seen = some_view();
  const std::string page =
      hook_page(inventory, find_places(inventory, "vfs_read"), {}, &seen, {.width = 100});
  EXPECT_THAT(page, ContainsRegex("fentry +41 count_reads +counter\\[1234\\]"));
  const std::string unseen =
      hook_page(inventory, find_places(inventory, "vfs_read"), {}, nullptr, {.width = 100});
  EXPECT_THAT(unseen, Not(HasSubstr("Attached now")));
}

TEST(SubsystemPageWithPrograms, ListsThoseOfTheSubsystem) {
  const AttachedView seen = some_view();
  const SubsystemView view{.map = {.width = 120}, .names = false, .filter = {}, .seen = &seen};
  const std::string page = subsystem_page(some_inventory(), {}, Subsystem::vfs, view);
  EXPECT_THAT(page, HasSubstr("count_reads"));
  EXPECT_THAT(page, Not(HasSubstr("eth0")));
  EXPECT_THAT(subsystem_page(some_inventory(), {}, Subsystem::network, view),
              ContainsRegex("  blue +v7 \\(native, generic; driver veth\\)"));
}

TEST(WatchedChanges, AreALineEach) {
  const AttachedView later = some_view();
  Attached earlier = later.attached;
  earlier.programs.erase(43);
  earlier.attachments.pop_back();
  const std::string text = changes_text(earlier, later.attached, "15:11:03", {});
  EXPECT_THAT(text, ContainsRegex("15:11:03 \\+ loaded +socket_filter +43 on_socket\n"));
  EXPECT_THAT(text, ContainsRegex("15:11:03 \\+ xdp +xdp eth0 @blue +42 drop"));
  EXPECT_THAT(changes_text(later.attached, earlier, "15:11:04", {}),
              ContainsRegex("15:11:04 - loaded +socket_filter +43 on_socket\n"));
  EXPECT_EQ(changes_text(earlier, earlier, "15:11:05", {}), "");
}

}  // namespace
}  // namespace gancho
