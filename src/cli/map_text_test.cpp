// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "cli/columns.h"
#include "cli/map_drawing.h"
#include "cli/map_hook.h"
#include "cli/map_page.h"
#include "cli/map_subsystem.h"
#include "cli/map_uprobe.h"
#include "map/find.h"

namespace gancho {
namespace {

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

// Each subsystem has something of each kind, and numbers as large as they get.
MapFigures full() {
  MapFigures figures{.kernel = "Linux 6.12.0 x86_64", .counts = {}, .gaps = {Gap::traceable}};
  for (std::size_t i = 0; i < k_subsystems; ++i)
    for (std::size_t j = 0; j < k_counts; ++j) figures.counts[i][j] = 10000 + 100 * i + j;
  return figures;
}

TEST(MapDrawing, IsNeverWiderThanItsView) {
  for (const Language language : {Language::english, Language::spanish})
    for (const std::size_t width : {40U, 76U, 80U, 81U, 82U, 83U, 120U, 199U, 200U, 400U}) {
      SCOPED_TRACE(width);
      const std::string page = draw_map(full(), {.width = width, .language = language});
      for (const std::string& line : lines_of(page)) EXPECT_LE(columns_of(line), width) << line;
    }
}

TEST(MapDrawing, FillsTheWholeWidthWithRectangularBoxes) {
  for (const std::size_t width : {80U, 133U, 200U}) {
    const std::string page = draw_map(full(), {.width = width});
    std::size_t rows = 0;
    for (const std::string& line : lines_of(page)) {
      if (!line.starts_with("│") && !line.starts_with("├") && !line.starts_with("┌")) continue;
      EXPECT_EQ(columns_of(line), width) << line;
      ++rows;
    }
    EXPECT_GT(rows, 10U);
  }
}

TEST(MapDrawing, HasTheSevenBetweenApplicationsAndHardware) {
  const std::string page = draw_map(full(), {});
  std::size_t before = page.find("applications");
  ASSERT_NE(before, std::string::npos);
  for (const std::string_view next :
       {"system calls", "processes", "block devices", "drivers ", "hardware"}) {
    const std::size_t at = page.find(next);
    ASSERT_NE(at, std::string::npos) << next;
    EXPECT_GT(at, before) << next;
    before = at;
  }
  for (const std::string_view word : {"memory", "file systems", "network", "kernel core"})
    EXPECT_THAT(page, HasSubstr(std::string(word)));
}

TEST(MapDrawing, ShowsEveryKindWhereThereIsRoomAndTheirSumElsewhere) {
  const std::string wide = draw_map(full(), {.width = 200});
  EXPECT_THAT(wide, Not(HasSubstr("others")));
  const std::string narrow = draw_map(full(), {.width = 80});
  EXPECT_THAT(narrow, HasSubstr("others"));
}

TEST(MapDrawing, HasAColumnForWhatIsAttachedOnlyWhereSomebodyLooked) {
  MapFigures figures = full();
  EXPECT_THAT(draw_map(figures, {}), Not(HasSubstr("attached")));
  figures.attached.emplace();
  figures.attached->fill(77777);
  EXPECT_THAT(draw_map(figures, {}), HasSubstr("77777"));
}

TEST(MapDrawing, IsPlainWithoutColoursAndTheSameWithThem) {
  const std::string plain = draw_map(full(), {});
  EXPECT_THAT(plain, Not(HasSubstr("\033")));
  std::string coloured = draw_map(full(), {.colour = true});
  EXPECT_THAT(coloured, HasSubstr("\033[1m"));
  for (std::size_t at; (at = coloured.find('\033')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(MapDrawing, SpeaksSpanish) {
  const std::string page = draw_map(full(), {.language = Language::spanish});
  EXPECT_THAT(page, HasSubstr("aplicaciones"));
  EXPECT_THAT(page, HasSubstr("ficheros"));
  EXPECT_THAT(page, Not(HasSubstr("Not known")));
}

// A kernel of three functions.
Inventory small() {
  KernelWords words;
  words.symbols = KernelSymbols::parse(
      "1 T vfs_read\n2 T vfs_write\n3 T do_filp_open\n4 T register_kprobe\n5 T tcp_sendmsg\n");
  words.types.functions = {{"vfs_read", ""}, {"do_filp_open", ""}};
  words.tracing.functions = "vfs_read\nvfs_write\ndo_filp_open\n";
  words.tracing.events = "sched:sched_switch\n";
  words.tracing.blacklist = "";
  return make_inventory(std::move(words));
}

TEST(SubsystemPage, SaysWhatItIsWhatGanchoHooksAndWhatToTry) {
  const Inventory inventory = small();
  const std::string page =
      subsystem_page(inventory, hooks_of_gancho(inventory), Subsystem::vfs, {});
  EXPECT_THAT(page, HasSubstr("file systems (vfs)"));
  EXPECT_THAT(page, testing::ContainsRegex("fentry +2  functions"));
  EXPECT_THAT(page, testing::ContainsRegex("fexit do_filp_open +open"));
  EXPECT_THAT(page, HasSubstr("gancho watch files"));
  EXPECT_THAT(page, Not(HasSubstr("Names")));
  for (const std::string& line : lines_of(page)) EXPECT_LE(columns_of(line), 80U) << line;
}

TEST(SubsystemPage, NamesThemAndFilters) {
  const Inventory inventory = small();
  SubsystemView view;
  view.names = true;
  const std::string all = subsystem_page(inventory, {}, Subsystem::vfs, view);
  EXPECT_THAT(all, HasSubstr("vfs_read"));
  EXPECT_THAT(all, HasSubstr("vfs_write"));
  EXPECT_THAT(all, Not(HasSubstr("tcp_sendmsg")));
  view.filter = "*_write";
  const std::string some = subsystem_page(inventory, {}, Subsystem::vfs, view);
  EXPECT_THAT(some, Not(HasSubstr("vfs_read")));
  EXPECT_THAT(some, HasSubstr("vfs_write"));
}

TEST(HookPage, SaysWhatItIsHowToAttachWhoUsesItAndAnExample) {
  const Inventory inventory = small();
  const auto uses = hooks_of_gancho(inventory);
  const std::string open =
      hook_page(inventory, find_places(inventory, "do_filp_open"), uses, nullptr, {});
  EXPECT_THAT(open, HasSubstr("a kernel function"));
  EXPECT_THAT(open, HasSubstr("file systems (vfs)"));
  EXPECT_THAT(open, HasSubstr("fentry, fexit (from Linux 5.5); kprobe, kretprobe (4.1)\n"));
  EXPECT_THAT(open, testing::ContainsRegex("Gancho +fexit: open"));
  EXPECT_THAT(open, testing::ContainsRegex("Found on Debian's +6.1, 6.12"));
  EXPECT_THAT(open, HasSubstr("bpftrace -e 'fentry:do_filp_open"));
  const std::string send =
      hook_page(inventory, find_places(inventory, "tcp_sendmsg"), uses, nullptr, {});
  EXPECT_THAT(send, HasSubstr("nothing: ftrace cannot patch it"));
  EXPECT_THAT(send, Not(HasSubstr("bpftrace")));
}

TEST(HookPage, DoesNotCallRefusedWhatNobodyHasTold) {
  KernelWords words;
  words.symbols = KernelSymbols::parse("1 T vfs_read\n");
  const Inventory inventory = make_inventory(std::move(words));
  const std::string page =
      hook_page(inventory, find_places(inventory, "vfs_read"), {}, nullptr, {});
  EXPECT_THAT(page, HasSubstr("not known"));
  EXPECT_THAT(page, Not(HasSubstr("nothing:")));
}

// Of this kernel's own types, some of which are long.
TEST(HookPage, FitsTheTerminalAndAlignsTypes) {
  auto types = KernelTypes::create();
  if (!types) GTEST_SKIP() << types.error().message;
  KernelWords words;
  words.types.btf_tracepoints = {{"sched_switch", ""}};
  words.types.struct_ops = {{"tcp_congestion_ops", ""}};
  Inventory inventory = make_inventory(std::move(words));
  inventory.types = std::move(*types);
  for (const char* name : {"sched_switch", "tcp_congestion_ops"})
    for (const std::size_t width : {std::size_t{80}, std::size_t{200}}) {
      const std::string page =
          hook_page(inventory, find_places(inventory, name), {}, nullptr, {.width = width});
      for (const std::string& line : lines_of(page)) EXPECT_LE(columns_of(line), width) << line;
    }
  const std::string page =
      hook_page(inventory, find_places(inventory, "sched_switch"), {}, nullptr, {});
  EXPECT_THAT(page, HasSubstr("Arguments         preempt     bool\n"
                              "                    prev        struct task_struct *\n"));
  EXPECT_THAT(page, HasSubstr("    SEC(\"tp_btf/sched_switch\") int BPF_PROG(seen, bool preempt"));
}

TEST(HookPage, IsTheSameForMachines) {
  const Inventory inventory = small();
  const auto root =
      boost::json::parse(hook_json(inventory, find_places(inventory, "vfs_read"), nullptr));
  const auto& place = root.at("places").at(0);
  EXPECT_EQ(place.at("name").as_string(), "vfs_read");
  EXPECT_EQ(place.at("subsystem").as_string(), "vfs");
  ASSERT_EQ(place.at("programs").as_array().size(), 4U);
  EXPECT_EQ(place.at("programs").at(0).as_string(), "fentry");
  EXPECT_EQ(place.at("since").at("fentry").as_string(), "5.5");
  EXPECT_EQ(place.at("since").at("kprobe").as_string(), "4.1");
}

ElfPlaces program() {
  ElfPlaces places;
  places.functions = {
      {.name = "main", .address = 0x1000, .offset = 0x1000, .cost = UprobeCost::single_stepped},
      {.name = "helper\033[31m",
       .address = 0x2000,
       .offset = 0x2000,
       .cost = UprobeCost::emulated}};
  places.probes = {{.provider = "gancho",
                    .name = "start",
                    .address = 0x1010,
                    .offset = 0x1010,
                    .arguments = "4@%edi",
                    .semaphore = true,
                    .cost = UprobeCost::long_nop}};
  return places;
}

TEST(UprobePage, TellsWhereAProbeIsDear) {
  const std::string page = uprobe_page("/bin/x", program(), "", {});
  EXPECT_THAT(page, testing::ContainsRegex("0x0000001000  main +single-stepped\n"));
  EXPECT_THAT(page, testing::ContainsRegex("gancho:start +4@%edi  semaphore"));
  EXPECT_THAT(page, HasSubstr("uprobe, uretprobe (from Linux 4.3); uprobe.multi (6.6)\n"));
  EXPECT_THAT(page, testing::ContainsRegex("uprobe.multi \\(6.6\\); USDT semaphore\\s+\\(4.20\\)"));
  EXPECT_THAT(page, HasSubstr("twenty times"));
  EXPECT_THAT(page, Not(HasSubstr("\033"))) << "names are other people's";
  const std::string one = uprobe_page("/bin/x", program(), "start", {});
  EXPECT_THAT(one, HasSubstr("gancho:start"));
  EXPECT_THAT(one, Not(HasSubstr("main")));
  EXPECT_THAT(one, HasSubstr("usdt:/bin/x:gancho:start"));
}

TEST(UprobePage, IsTheSameForMachines) {
  const auto root = boost::json::parse(uprobe_json("/bin/x", program(), "*"));
  EXPECT_EQ(root.at("functions").as_array().size(), 2U);
  EXPECT_EQ(root.at("functions").at(0).at("cost").as_string(), "single_stepped");
  EXPECT_EQ(root.at("usdt").at(0).at("provider").as_string(), "gancho");
  EXPECT_TRUE(root.at("usdt").at(0).at("semaphore").as_bool());
}

TEST(DiffPage, ShowsBothDirectionsAndSums) {
  MapDocument first;
  first.release = "6.1";
  first.places = {
      {.kind = PlaceKind::lsm, .name = "gone", .subsystem = Subsystem::vfs, .module = ""}};
  MapDocument second = first;
  second.release = "6.12";
  second.places.front().name = "young";
  const std::string page = diff_page(first, second, {});
  EXPECT_THAT(page, HasSubstr("- 6.1   + 6.12"));
  EXPECT_THAT(page, testing::ContainsRegex("lsm +-1 \\+1 ~0"));
  EXPECT_THAT(page, testing::ContainsRegex("- lsm +vfs +gone"));
  EXPECT_THAT(page, testing::ContainsRegex("\\+ lsm +vfs +young"));
  const auto root = boost::json::parse(diff_json(first, second));
  ASSERT_EQ(root.at("differences").as_array().size(), 2U);
  EXPECT_EQ(root.at("differences").at(1).at("what").as_string(), "only_second");
  EXPECT_THAT(diff_page(first, first, {}), HasSubstr("No difference."));
}

TEST(Columns, WrapBetweenWords) {
  EXPECT_EQ(wrapped("one two three", 2, 9), "one two\n  three\n");
  EXPECT_EQ(wrapped("ñandú ñandú", 0, 5), "ñandú\nñandú\n");
  EXPECT_EQ(wrapped("", 0, 5), "\n");
  EXPECT_EQ(harmless("a\033b"), "a?b");
}

TEST(MapPage, NoLineEndsInBlanks) {
  const MapView view;
  MapPage page(view);
  page.row("  name      ", "what it is");
  page.row("  name      ", "");
  page.code("try this");
  EXPECT_EQ(page.take(), "  name      what it is\n  name\n  try this\n");
}

}  // namespace
}  // namespace gancho
