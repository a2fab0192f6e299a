// SPDX-License-Identifier: Apache-2.0
//
// A process attaches a program of every kind; each has to be found with its place and its owner,
// and nothing of what bpftool lists may be missing. As root, in a virtual machine.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "attached/read_attached.h"
#include "attached/specimens.h"
#include "attached/standing.h"
#include "attached/type_words.h"
#include "base/clock.h"
#include "map/elf_places.h"
#include "support/agent.h"
#include "support/bpf_ids.h"

namespace gancho::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class AttachedInVm : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(::geteuid(), 0U) << "needs root";
    specimens_ = std::make_unique<Specimens>();
    const std::size_t before = open_descriptors();
    auto found = read_attached();
    ASSERT_TRUE(found) << found.error().message;
    attached_ = std::make_unique<Attached>(std::move(*found));
    EXPECT_EQ(open_descriptors(), before);
  }
  static void TearDownTestSuite() {
    attached_.reset();
    specimens_.reset();
  }
  void SetUp() override { ASSERT_TRUE(attached_); }

  static const Specimens& specimens() { return *specimens_; }
  static const Attached& attached() { return *attached_; }

  static std::vector<const ProgramFacts*> programs(std::string_view name) {
    std::vector<const ProgramFacts*> found;
    for (const auto& [id, program] : attached().programs)
      if (program.name == name) found.push_back(&program);
    return found;
  }
  // The one of this name; of none the facts are empty.
  static ProgramFacts program(std::string_view name) {
    const auto found = programs(name);
    EXPECT_THAT(found, SizeIs(1)) << name;
    return found.size() == 1 ? *found.front() : ProgramFacts{};
  }
  static MapFacts map(std::string_view name) {
    // The second skeleton of the specimens has made no map.
    std::vector<MapFacts> found;
    for (const auto& [id, one] : attached().maps)
      if (one.name == name) found.push_back(one);
    EXPECT_THAT(found, SizeIs(1)) << name;
    return found.size() == 1 ? found.front() : MapFacts{};
  }
  static std::vector<Attachment> attachments(std::string_view name) {
    const std::uint32_t id = program(name).id;
    std::vector<Attachment> found;
    for (const Attachment& one : attached().attachments)
      if (one.program == id) found.push_back(one);
    return found;
  }
  // "fentry vfs_read (detail)", of each.
  static std::vector<std::string> places(std::string_view name) {
    std::vector<std::string> words;
    for (const Attachment& one : attachments(name))
      words.push_back(one.how + " " + one.place +
                      (one.detail.empty() ? "" : " (" + one.detail + ")"));
    return words;
  }
  // With links of ours, one for each.
  static void expect_links(std::string_view name) {
    std::set<std::uint32_t> links;
    for (const Attachment& one : attachments(name)) {
      const auto link = attached().links.find(one.link);
      ASSERT_NE(link, attached().links.end()) << name << " at " << one.place;
      EXPECT_EQ(link->second.program, one.program);
      EXPECT_THAT(link->second.holders.owners, Not(IsEmpty()));
      EXPECT_TRUE(links.insert(one.link).second) << name;
    }
  }
  static void expect_kind(std::string_view name, std::optional<PlaceKind> kind) {
    for (const Attachment& one : attachments(name)) EXPECT_EQ(one.kind, kind) << name;
  }
  static void expect_no_link(std::string_view name) {
    for (const Attachment& one : attachments(name)) EXPECT_EQ(one.link, 0U) << name;
  }
  static std::string uprobe(std::size_t which) {
    const auto elf = read_elf_places(Specimens::k_program);
    if (!elf) return elf.error().message;
    for (const ElfFunction& function : elf->functions)
      if (function.name == Specimens::k_probed[which]) {
        char offset[32];
        (void)std::snprintf(offset, sizeof(offset), "+0x%llx",
                            static_cast<unsigned long long>(function.offset));
        return Specimens::k_program + offset;
      }
    return "no such function";
  }

  inline static std::unique_ptr<Specimens> specimens_;
  inline static std::unique_ptr<Attached> attached_;
};

// One of the specimens is at a socket.
constexpr const char* k_sockets =
    "socket filters: the kernel does not tell which sockets have which";

TEST_F(AttachedInVm, LeavesNothingElseOut) {
  // What the kernel does not say of perf events without a link is said of the program.
  EXPECT_THAT(attached().blanks, ElementsAre(k_sockets));
}

TEST_F(AttachedInVm, Tracepoints) {
  EXPECT_THAT(places("sp_raw"), ElementsAre("raw_tracepoint task_rename"));
  expect_kind("sp_raw", PlaceKind::raw_tracepoint);
  EXPECT_THAT(places("sp_tp_btf"), ElementsAre("tp_btf task_newtask"));
  expect_kind("sp_tp_btf", PlaceKind::btf_tracepoint);
  EXPECT_THAT(places("sp_tp"), ElementsAre("tracepoint oom:mark_victim"));
  EXPECT_THAT(places("sp_tp_call"), ElementsAre("tracepoint syscalls:sys_enter_acct"));
  for (const char* name : {"sp_tp", "sp_tp_call", "sp_tp_ioctl"})
    expect_kind(name, PlaceKind::tracepoint);
  for (const char* name : {"sp_raw", "sp_tp_btf", "sp_tp", "sp_tp_call"}) expect_links(name);
  // One, though two processes hold it.
  EXPECT_THAT(places("sp_tp_ioctl"), ElementsAre("tracepoint oom:mark_victim"));
  expect_no_link("sp_tp_ioctl");
}

TEST_F(AttachedInVm, FunctionsOfTheKernelAndOfModules) {
  EXPECT_THAT(places("sp_fentry_whose_name_is_long"), ElementsAre("fentry bpf_fentry_test1"));
  EXPECT_THAT(places("sp_fexit"), ElementsAre("fexit bpf_fentry_test2"));
  EXPECT_THAT(places("sp_module"), ElementsAre("fentry ovl_statfs"));
  EXPECT_THAT(places("sp_fmod_ret"), ElementsAre("fmod_ret security_settime64"));
  for (const char* name :
       {"sp_fentry_whose_name_is_long", "sp_fexit", "sp_module", "sp_fmod_ret"}) {
    expect_kind(name, PlaceKind::function);
    expect_links(name);
  }
  EXPECT_THAT(places("sp_lsm"), ElementsAre("lsm settime"));
  expect_kind("sp_lsm", PlaceKind::lsm);
  expect_links("sp_lsm");
}

TEST_F(AttachedInVm, OtherPrograms) {
  const std::string target = "program " + std::to_string(program("sp_target").id);
  EXPECT_THAT(places("sp_freplace"), ElementsAre("freplace " + target + " (replaced)"));
  EXPECT_THAT(places("sp_of_program"), ElementsAre("fentry " + target + " (sp_target)"));
  expect_kind("sp_freplace", std::nullopt);
  expect_kind("sp_of_program", std::nullopt);
  expect_links("sp_freplace");
}

TEST_F(AttachedInVm, Kprobes) {
  EXPECT_THAT(places("sp_kprobe"), ElementsAre("kprobe bpf_fentry_test3"));
  EXPECT_THAT(places("sp_kretprobe"), ElementsAre("kretprobe bpf_fentry_test4"));
  EXPECT_THAT(
      places("sp_kprobe_many"),
      ElementsAre("kprobe bpf_fentry_test5", "kprobe bpf_fentry_test6", "kprobe bpf_fentry_test8"));
  for (const char* name : {"sp_kprobe", "sp_kretprobe", "sp_kprobe_many"}) expect_links(name);
  EXPECT_THAT(places("sp_kprobe_ioctl"),
              ElementsAre("kprobe bpf_fentry_test5", "kprobe bpf_fentry_test6"));
  EXPECT_THAT(places("sp_kprobe_legacy"), ElementsAre("kprobe bpf_fentry_test7"));
  expect_no_link("sp_kprobe_ioctl");
  expect_no_link("sp_kprobe_legacy");
  for (const char* name : {"sp_kprobe", "sp_kretprobe", "sp_kprobe_ioctl", "sp_kprobe_legacy"})
    expect_kind(name, PlaceKind::function);
}

// Links are given ids one after the other, as they are made: so each is known to be at its
// function.
TEST_F(AttachedInVm, EachKprobeHasItsOwnLink) {
  std::map<std::uint32_t, std::string> by_link;
  for (const Attachment& one : attachments("sp_kprobe_many")) by_link[one.link] = one.place;
  std::vector<std::string> in_order;
  for (const auto& [link, place] : by_link) in_order.push_back(place);
  EXPECT_THAT(in_order, ElementsAre("bpf_fentry_test6", "bpf_fentry_test5", "bpf_fentry_test8"));
}

TEST_F(AttachedInVm, WhatNobodyHoldsIsNotGuessed) {
  const std::string expected = is_at_least(6, 6)
                                   ? "kprobe bpf_fentry_test1"
                                   : "kprobe  (the kernel tells where from Linux 6.6 on)";
  EXPECT_THAT(places("sp_kprobe_pinned"), ElementsAre(expected));
  EXPECT_THAT(program("sp_kprobe_pinned").holders.owners, IsEmpty());
}

TEST_F(AttachedInVm, KprobesOfManyFunctions) {
  if (!has_kprobe_multi()) GTEST_SKIP() << "this kernel has none";
  EXPECT_THAT(places("sp_multi"), ElementsAre("kprobe bpf_fentry_test1 (multi, 3 functions)",
                                              "kprobe bpf_fentry_test2 (multi, 3 functions)",
                                              "kprobe ovl_statfs (multi, 3 functions)"));
  EXPECT_THAT(places("sp_ret_multi"), ElementsAre("kretprobe bpf_fentry_test1"));
  expect_kind("sp_multi", PlaceKind::function);
  expect_links("sp_ret_multi");
}

TEST_F(AttachedInVm, Uprobes) {
  EXPECT_THAT(places("sp_uprobe"), ElementsAre("uprobe " + uprobe(0)));
  EXPECT_THAT(places("sp_uretprobe"), ElementsAre("uretprobe " + uprobe(1)));
  expect_kind("sp_uprobe", std::nullopt);
  expect_links("sp_uprobe");
  expect_links("sp_uretprobe");
  if (!is_at_least(6, 8)) return;
  EXPECT_THAT(places("sp_uprobe_multi"),
              UnorderedElementsAre("uprobe " + uprobe(0) + " (multi, 2 places)",
                                   "uprobe " + uprobe(1) + " (multi, 2 places)"));
}

TEST_F(AttachedInVm, Counters) {
  expect_links("sp_sample");
  if (is_at_least(6, 6)) {
    EXPECT_THAT(places("sp_sample"), ElementsAre("perf event software:context-switches"));
    expect_kind("sp_sample", PlaceKind::perf_event);
  } else {
    EXPECT_THAT(places("sp_sample"),
                ElementsAre("perf event  (the kernel tells where from Linux 6.6 on)"));
  }
  // One, though two processes hold it.
  EXPECT_THAT(places("sp_sample_ioctl"),
              ElementsAre("perf event  (1 of process " + std::to_string(specimens().owner()) +
                          "; the kernel does not tell which)"));
  expect_no_link("sp_sample_ioctl");
}

TEST_F(AttachedInVm, Iterators) {
  EXPECT_THAT(places("sp_iter"), ElementsAre("iterator task"));
  EXPECT_THAT(places("sp_iter_map"),
              ElementsAre("iterator bpf_map_elem (map " + std::to_string(map("counts").id) + ")"));
  expect_kind("sp_iter", PlaceKind::iterator);
  expect_links("sp_iter");
}

TEST_F(AttachedInVm, StructuresOfTheKernel) {
  const auto of = [&](const std::string& function, const std::string& name) {
    return "struct_ops tcp_congestion_ops (" + function + " of map " +
           std::to_string(map(name).id) + " " + name + ")";
  };
  std::vector<std::string> expected{of("undo_cwnd", "sp_plain")};
  if (is_at_least(6, 4)) expected.push_back(of("undo_cwnd", "sp_linked"));
  EXPECT_THAT(places("sp_undo_cwnd"), testing::UnorderedElementsAreArray(expected));
  EXPECT_THAT(places("sp_ssthresh"), SizeIs(expected.size()));
  EXPECT_THAT(places("sp_cong_avoid"), SizeIs(expected.size()));
  expect_kind("sp_ssthresh", PlaceKind::struct_ops);
  for (const Attachment& one : attachments("sp_ssthresh"))
    EXPECT_EQ(one.link != 0, one.detail.ends_with("sp_linked")) << one.detail;
}

TEST_F(AttachedInVm, Netfilter) {
  if (!is_at_least(6, 4)) GTEST_SKIP() << "this kernel has no such link";
  EXPECT_THAT(places("sp_netfilter"), ElementsAre("netfilter netfilter ipv4 local_in (prio -128)",
                                                  "netfilter netfilter ipv6 local_out (prio 5)"));
  // The second is in a namespace of its own, which its first thread, having ended, does not tell.
  struct stat other{};
  const std::string second = "/proc/" + std::to_string(specimens().second_owner());
  for (const auto& task : std::filesystem::directory_iterator(second + "/task"))
    if (::stat((task.path() / "ns/net").c_str(), &other) == 0) break;
  ASSERT_NE(other.st_ino, 0U);
  for (const Attachment& one : attachments("sp_netfilter"))
    EXPECT_EQ(one.network, one.place.ends_with("local_out") ? other.st_ino : 0) << one.place;
  expect_kind("sp_netfilter", PlaceKind::netfilter);
  expect_links("sp_netfilter");
}

TEST_F(AttachedInVm, ProgramsInMaps) {
  EXPECT_THAT(places("sp_tail"),
              ElementsAre("tail call map " + std::to_string(map("jumps").id) + "[3] (jumps)"));
  EXPECT_THAT(
      places("sp_cpumap"),
      ElementsAre("cpumap map " + std::to_string(map("processors").id) + "[0] (processors)"));
  EXPECT_THAT(places("sp_devmap"),
              ElementsAre("devmap map " + std::to_string(map("devices").id) + "[70] (devices)"));
  expect_no_link("sp_tail");
}

TEST_F(AttachedInVm, WhatIsNotAttachedIsSaidToBeHeldOrUnseen) {
  for (const char* name : {"sp_held", "sp_pinned", "sp_socket", "sp_target"})
    EXPECT_THAT(places(name), IsEmpty()) << name;
  EXPECT_EQ(standing_of(attached(), program("sp_held")), Standing::loaded_only);
  EXPECT_EQ(standing_of(attached(), program("sp_pinned")), Standing::loaded_only);
  EXPECT_EQ(standing_of(attached(), program("sp_socket")), Standing::kept_unseen);
  EXPECT_EQ(standing_of(attached(), program("sp_raw")), Standing::attached);
}

TEST_F(AttachedInVm, OwnersWithTheirContainer) {
  const auto is = [](pid_t pid) {
    return AllOf(Field("pid", &Owner::pid, pid), Field("name", &Owner::name, Specimens::k_name),
                 Field("container", &Owner::container, Specimens::k_container));
  };
  const auto both = ElementsAre(is(specimens().owner()), is(specimens().second_owner()));
  EXPECT_THAT(program("sp_raw").holders.owners, both);
  EXPECT_THAT(map("counts").holders.owners, both);
  EXPECT_THAT(program("sp_socket").holders.owners, IsEmpty());
  for (const Attachment& one : attachments("sp_fexit"))
    EXPECT_THAT(attached().links.at(one.link).holders.owners, both);
  // Ours were open for a moment.
  for (const auto& [id, one] : attached().programs)
    for (const Owner& owner : one.holders.owners) EXPECT_NE(owner.pid, ::getpid());
}

TEST_F(AttachedInVm, Pins) {
  EXPECT_THAT(program("sp_pinned").holders.pins, ElementsAre(Specimens::k_pins + "/deep/prog"));
  EXPECT_THAT(map("counts").holders.pins, ElementsAre(Specimens::k_pins + "/deep/map"));
  std::vector<std::string> pins;
  for (const auto& [id, link] : attached().links)
    pins.insert(pins.end(), link.holders.pins.begin(), link.holders.pins.end());
  EXPECT_THAT(pins, UnorderedElementsAre(Specimens::k_pins + "/deep/link",
                                         Specimens::k_pins + "/deep/alone"));
  for (const auto& [id, link] : attached().links)
    for (const std::string& pin : link.holders.pins) {
      const bool alone = pin.ends_with("alone");
      EXPECT_EQ(link.program, program(alone ? "sp_kprobe_pinned" : "sp_fexit").id);
      EXPECT_EQ(link.holders.owners.empty(), alone);
    }
}

TEST_F(AttachedInVm, FactsOfProgramsAndMaps) {
  const ProgramFacts raw = program("sp_raw");
  EXPECT_EQ(program_type_word(raw.type), "raw_tracepoint");
  EXPECT_THAT(raw.tag, SizeIs(16));
  EXPECT_GT(raw.loaded_at, 0U);
  EXPECT_LT(raw.loaded_at, boot_now_ns());
  EXPECT_EQ(raw.uid, 0U);
  EXPECT_GT(raw.jited_size, 0U);
  EXPECT_GT(raw.translated_size, 0U);
  EXPECT_EQ(raw.memory % 4096, 0U);
  EXPECT_GE(raw.memory, 4096U);
  EXPECT_NE(raw.btf, 0U);
  EXPECT_THAT(raw.maps, ElementsAre(map("counts").id));

  const MapFacts counts = map("counts");
  EXPECT_EQ(map_type_word(counts.type), "hash");
  EXPECT_EQ(counts.key_size, 4U);
  EXPECT_EQ(counts.value_size, 8U);
  EXPECT_EQ(counts.max_entries, 1000U);
  EXPECT_GE(counts.memory, 12000U);
}

TEST_F(AttachedInVm, RunsAreCountedWhileStatisticsAreOn) {
  const auto runs = [] {
    const auto now = read_attached();
    if (!now) return ProgramFacts{};
    for (const auto& [id, one] : now->programs)
      if (one.name == "sp_raw") return one;
    return ProgramFacts{};
  };
  EXPECT_EQ(runs().runs, 0U);
  const Fd statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  ASSERT_TRUE(statistics.valid());
  // Renames this thread: what sp_raw is at.
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl("/bin/true", "true", nullptr);
      ::_exit(1);
    }
    ::waitpid(child, nullptr, 0);
  }
  const ProgramFacts after = runs();
  EXPECT_GE(after.runs, 3U);
  EXPECT_GT(after.run_time_ns, 0U);
}

// Makes and undoes objects, pins and processes until it is killed.
[[noreturn]] void come_and_go(const std::string& pin) {
  // r0 = 0; exit
  std::array<bpf_insn, 2> code{};
  code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  code[1].code = BPF_JMP | BPF_EXIT;
  for (;;) {
    const Fd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "passing", 4, 4, 1, nullptr));
    const Fd program(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "passing", "GPL", code.data(),
                                   code.size(), nullptr));
    const Fd link(bpf_raw_tracepoint_open("task_rename", program.get()));
    (void)bpf_obj_pin(link.get(), pin.c_str());
    const pid_t passing = ::fork();
    if (passing == 0) ::_exit(0);
    ::waitpid(passing, nullptr, 0);
    (void)::unlink(pin.c_str());
  }
}

TEST_F(AttachedInVm, WhatGoesMeanwhileIsNoError) {
  std::map<pid_t, std::string> busy;
  for (int i = 0; i < 3; ++i) {
    const std::string pin = Specimens::k_pins + "/" + std::to_string(i);
    const pid_t child = ::fork();
    if (child == 0) come_and_go(pin);
    busy[child] = pin;
  }
  const std::size_t before = open_descriptors();
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 500 && (i < 6 || seen.size() < 5); ++i) {
    const auto now = read_attached();
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_THAT(now->blanks, ElementsAre(k_sockets));
    for (const auto& [id, program] : now->programs)
      if (program.name == "passing") seen.insert(id);
    for (const Attachment& one : now->attachments)
      EXPECT_TRUE(now->programs.contains(one.program)) << one.how << " " << one.place;
    for (const auto& [id, program] : attached().programs) EXPECT_TRUE(now->programs.contains(id));
  }
  EXPECT_GE(seen.size(), 5U);
  EXPECT_EQ(open_descriptors(), before);
  for (const auto& [child, pin] : busy) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::unlink(pin.c_str());
  }
}

// `bpftool WHAT list -j`; of those that were there before and are there after it: its own come and
// go.
std::vector<boost::json::object> bpftool_list(const std::string& what,
                                              std::set<std::uint32_t> BpfIds::* ids) {
  const auto before = BpfIds::now().*ids;
  const Ran ran = run({BPFTOOL, "-j", what, "list"});
  const auto after = BpfIds::now().*ids;
  EXPECT_EQ(ran.status, 0) << ran.error;
  std::vector<boost::json::object> rows;
  boost::system::error_code error;
  const auto document = boost::json::parse(ran.output, error);
  EXPECT_FALSE(error) << ran.output;
  if (error) return rows;
  for (const auto& row : document.as_array()) {
    const auto id = static_cast<std::uint32_t>(number_of(row.as_object(), "id"));
    if (before.contains(id) && after.contains(id)) rows.push_back(row.as_object());
  }
  EXPECT_THAT(rows, Not(IsEmpty()));
  return rows;
}

// What both tell of an object has to be the same.
void expect_number(const boost::json::object& row, const char* field, std::uint64_t value) {
  if (row.contains(field)) {
    EXPECT_EQ(static_cast<std::uint64_t>(number_of(row, field)), value) << serialize(row);
  }
}
void expect_text(const boost::json::object& row, const char* field, const std::string& value) {
  if (row.contains(field)) {
    EXPECT_EQ(text_of(row, field), value) << serialize(row);
  }
}

TEST_F(AttachedInVm, HasAllProgramsOfBpftoolAsItTellsThem) {
  for (const auto& row : bpftool_list("prog", &BpfIds::programs)) {
    const auto found = attached().programs.find(static_cast<std::uint32_t>(number_of(row, "id")));
    ASSERT_NE(found, attached().programs.end()) << serialize(row);
    const ProgramFacts& ours = found->second;
    expect_text(row, "name", ours.name);
    expect_text(row, "type", program_type_word(ours.type));
    expect_text(row, "tag", ours.tag);
    expect_number(row, "uid", ours.uid);
    expect_number(row, "bytes_xlated", ours.translated_size);
    expect_number(row, "bytes_jited", ours.jited_size);
    expect_number(row, "bytes_memlock", ours.memory);
    expect_number(row, "btf_id", ours.btf);
    std::vector<std::uint32_t> maps;
    if (row.contains("map_ids"))
      for (const auto& id : row.at("map_ids").as_array())
        maps.push_back(id.to_number<std::uint32_t>());
    EXPECT_EQ(ours.maps, maps) << serialize(row);
  }
}

TEST_F(AttachedInVm, HasAllMapsOfBpftoolAsItTellsThem) {
  for (const auto& row : bpftool_list("map", &BpfIds::maps)) {
    const auto found = attached().maps.find(static_cast<std::uint32_t>(number_of(row, "id")));
    ASSERT_NE(found, attached().maps.end()) << serialize(row);
    const MapFacts& ours = found->second;
    expect_text(row, "name", ours.name);
    expect_text(row, "type", map_type_word(ours.type));
    expect_number(row, "bytes_key", ours.key_size);
    expect_number(row, "bytes_value", ours.value_size);
    expect_number(row, "max_entries", ours.max_entries);
    expect_number(row, "bytes_memlock", ours.memory);
  }
}

TEST_F(AttachedInVm, HasAllLinksOfBpftoolAsItTellsThem) {
  for (const auto& row : bpftool_list("link", &BpfIds::links)) {
    const auto found = attached().links.find(static_cast<std::uint32_t>(number_of(row, "id")));
    ASSERT_NE(found, attached().links.end()) << serialize(row);
    expect_text(row, "type", link_type_word(found->second.type));
    expect_number(row, "prog_id", found->second.program);
  }
}

TEST(AttachedWithoutRoot, IsRefusedInOneLine) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give it up";
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    const auto found = read_attached();
    const bool refused = !found && found.error().code == Errc::permission &&
                         found.error().message.find("root") != std::string::npos &&
                         found.error().message.find('\n') == std::string::npos;
    ::_exit(refused ? 0 : 2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace gancho::test
