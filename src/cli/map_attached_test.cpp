// SPDX-License-Identifier: Apache-2.0
#include "cli/map_attached.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/bpf.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "cli/columns.h"
#include "cli/map_hook.h"
#include "cli/map_subsystem.h"
#include "map/find.h"

namespace gancho {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    lines.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
  }
  return lines;
}

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
  const auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].find("43 on_socket"), lines[1].find("42 drop"));
  EXPECT_LE(lines[0].find("43 on_socket"), 43U) << "room for who it is, at 80";
}

// Names as long as names get: of functions, counters, programs, processes, namespaces and pins.
AttachedView crowded_view() {
  AttachedView seen = some_view();
  Attached& attached = seen.attached;
  ProgramFacts& program = attached.programs[123456];
  program = {.id = 123456,
             .type = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
             .name = "on_" + std::string(40, 'p')};
  program.tag = "0123456789abcdef";
  program.maps = {7, 8};
  program.runs = 1'000'000;
  program.run_time_ns = 9'000'000'000;
  program.missed = 3;
  program.holders = {
      .owners = {{.pid = 4194303, .name = "fifteen_letters", .container = std::string(64, 'c')},
                 {.pid = 7, .name = "x"}},
      .pins = {"/sys/fs/bpf/" + std::string(40, 'q')}};
  attached.maps[8] = {
      .id = 8, .type = BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, .name = "fifteen_letters"};
  for (const char* how : {"sk_skb stream verdict", "raw_tracepoint", "lsm_cgroup"})
    attached.attachments.push_back({.program = 123456,
                                    .how = how,
                                    .kind = PlaceKind::function,
                                    .place = std::string(44, 'f'),
                                    .detail = "/system.slice/" + std::string(20, 's'),
                                    .sharing = "override"});
  attached.attachments.push_back(
      {.program = 41, .how = "lsm", .kind = PlaceKind::function, .place = std::string(44, 'f')});
  attached.networks.push_back({.inode = 5, .name = "a-namespace-of-a-long-name", .pid = 0});
  attached.networks.back().interfaces = {attached.networks.front().interfaces.front(),
                                         attached.networks.front().interfaces.front()};
  attached.programs[43].name = "q" + std::string(40, 'q');
  seen.costs.emplace();
  seen.costs->elapsed = std::chrono::seconds(1);
  for (const std::uint32_t id : {41U, 123456U})
    seen.costs->programs[id] = {.runs = 12'345'678, .time_ns = 999'999'999};
  return seen;
}

class PagesOfLongNames : public testing::TestWithParam<std::tuple<std::size_t, Language>> {
 protected:
  void SetUp() override {
    inventory_.places.push_back(
        {.kind = PlaceKind::function, .subsystem = Subsystem::network, .name = name_});
    std::ranges::sort(inventory_.places, {},
                      [](const Place& place) { return std::pair(place.kind, place.name); });
  }
  void expect_fits(const std::string& page) const {
    for (const std::string& line : lines_of(page)) {
      EXPECT_LE(columns_of(line), view_.width) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
  const std::string name_ = std::string(44, 'f');
  const AttachedView seen_ = crowded_view();
  const MapView view_{.width = std::get<0>(GetParam()), .language = std::get<1>(GetParam())};
  Inventory inventory_ = some_inventory();
};

TEST_P(PagesOfLongNames, FitTheTerminal) {
  expect_fits(attached_page(inventory_, seen_, "", view_));
  expect_fits(program_page(inventory_, seen_, "123456", view_));
  SubsystemView opened{.map = view_, .names = true, .filter = {}, .seen = &seen_};
  for (std::size_t i = 0; i < k_subsystems; ++i)
    expect_fits(subsystem_page(inventory_, {}, static_cast<Subsystem>(i), opened));
  AttachedView without_cost = seen_;
  without_cost.costs.reset();
  expect_fits(attached_page(inventory_, without_cost, "", view_));
  expect_fits(hook_page(inventory_, find_places(inventory_, name_), {}, &seen_, view_));
}

// Of each program where its number begins, in whichever of its rows.
TEST_P(PagesOfLongNames, KeepTheirColumns) {
  AttachedView seen = seen_;
  seen.costs.reset();
  std::set<std::size_t> columns;
  bool attached = true;
  for (const std::string& line : lines_of(attached_page(inventory_, seen, "", view_))) {
    if (line.starts_with("Loaded") || line.starts_with("Cargados")) attached = false;
    for (const char* program : {"41 count_reads", "42 drop?[31m"})
      if (const std::size_t at = line.find(program); attached && at != std::string::npos)
        columns.insert(at);
  }
  EXPECT_EQ(columns.size(), 1U);
}

TEST_P(PagesOfLongNames, LeaveABlankBehindLabels) {
  for (const std::string& line : lines_of(program_page(inventory_, seen_, "123456", view_))) {
    if (!line.starts_with("  ") || line[2] == ' ') continue;
    const std::size_t text = line.find_first_not_of(' ', line.find("  ", 3));
    ASSERT_NE(text, std::string::npos) << line;
    EXPECT_EQ(columns_of(line.substr(0, text)), 20U) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(, PagesOfLongNames,
                         testing::Combine(testing::Values(80, 120, 200),
                                          testing::Values(Language::english, Language::spanish)));

}  // namespace
}  // namespace gancho
