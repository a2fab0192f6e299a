// SPDX-License-Identifier: Apache-2.0
//
// The inventory of a real kernel, each count held against a source that it was not read from. As
// root, in a virtual machine; the parts that need no root also on the machine that builds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "load/kernel_btf.h"
#include "map/inventory.h"
#include "map/since.h"

namespace gancho {
namespace {

using Names = std::set<std::string>;

const Inventory& inventory() {
  static const Inventory read = read_inventory();
  return read;
}

Names names_of(PlaceKind kind) {
  Names names;
  for (const Place& place : inventory().of_kind(kind)) names.emplace(place.name);
  return names;
}

Names difference(const Names& a, const Names& b) {
  Names rest;
  std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
  return rest;
}

// tracefs as a file tree: what the inventory does not look at.
std::filesystem::path tracing() {
  const std::filesystem::path at = "/sys/kernel/tracing";
  if (!std::filesystem::exists(at / "events"))
    (void)::mount("tracefs", at.c_str(), "tracefs", 0, nullptr);
  return at;
}

// Lines of a command's output.
std::vector<std::string> output_of(const std::string& command) {
  std::vector<std::string> lines;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  std::string text;
  for (int letter; (letter = std::fgetc(pipe)) != EOF;) text += static_cast<char>(letter);
  ::pclose(pipe);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "FUNC 'NAME'" and the like of the kernel's types, as bpftool has them.
Names bpftool_names(const std::string& kind, const std::string& prefix) {
  Names names;
  const std::string mark = "] " + kind + " '" + prefix;
  for (const std::string& line :
       output_of(std::string(BPFTOOL) + " btf dump file /sys/kernel/btf/vmlinux format raw")) {
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + mark.size();
    names.insert(line.substr(begin, line.find('\'', begin) - begin));
  }
  return names;
}

// At least 98 of 100 belong to one of the seven; the rest to the kernel's core, none to nobody.
void expect_assigned(PlaceKind kind) {
  std::size_t all = 0;
  std::size_t core = 0;
  for (const Place& place : inventory().of_kind(kind)) {
    EXPECT_NE(place.subsystem, Subsystem::unknown) << place.name;
    ++all;
    if (place.subsystem == Subsystem::core) ++core;
  }
  EXPECT_GT(all, 100U);
  EXPECT_LE(core * 100, all * 2) << place_kind_name(kind) << ": " << core << " of " << all;
}

// Not in tracefs, and so readable by anybody.
class MapHere : public testing::Test {
 protected:
  void SetUp() override {
    if (inventory().lacks(Gap::types)) GTEST_SKIP() << "this kernel has no types";
  }
};

TEST_F(MapHere, AssignsEveryLsmHookAndSystemCall) {
  expect_assigned(PlaceKind::lsm);
  expect_assigned(PlaceKind::syscall);
}

TEST_F(MapHere, LsmHooksAreThoseThatTheSymbolsHaveToo) {
  // Functions of BPF's own that bear the prefix and are no hooks.
  const Names no_hooks{"is_sleepable_hook",  "is_trusted",        "verify_prog",
                       "func_proto",         "find_cgroup_shim",  "get_retval_range",
                       "has_d_inode_locked", "hook_returns_errno"};
  Names symbols;
  std::ifstream file("/proc/kallsyms");
  std::string address;
  std::string type;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    words >> address >> type >> name;
    if (type == "T" && name.starts_with("bpf_lsm_") && !no_hooks.contains(name.substr(8)))
      symbols.insert(name.substr(8));
  }
  EXPECT_EQ(difference(names_of(PlaceKind::lsm), symbols), Names{});
  EXPECT_EQ(difference(symbols, names_of(PlaceKind::lsm)), Names{});
}

TEST_F(MapHere, LsmHooksBtfTracepointsAndIteratorsAreThoseOfBpftool) {
  if (::access(BPFTOOL, X_OK) != 0) GTEST_SKIP() << "no bpftool";
  const Names functions = bpftool_names("FUNC", "bpf_lsm_");
  EXPECT_EQ(difference(names_of(PlaceKind::lsm), functions), Names{});
  const Names types = bpftool_names("TYPEDEF", "btf_trace_");
  EXPECT_EQ(difference(types, names_of(PlaceKind::btf_tracepoint)), Names{});
  const Names iterators = bpftool_names("STRUCT", "bpf_iter__");
  EXPECT_EQ(difference(names_of(PlaceKind::iterator), iterators), Names{});
  EXPECT_EQ(difference(iterators, names_of(PlaceKind::iterator)).size(),
            iterators.contains("task__safe_trusted") ? 1U : 0U);
}

// "6.12" as a number that can be compared.
int release_number(std::string_view release) {
  int major = 0;
  int minor = 0;
  (void)std::sscanf(std::string(release).c_str(), "%d.%d", &major, &minor);
  return major * 1000 + minor;
}

// The running kernel has a way to attach exactly when its release is said to.
TEST_F(MapHere, HasTheWaysToAttachThatItsReleaseIsSaidToHave) {
  utsname system{};
  ASSERT_EQ(::uname(&system), 0);
  const int running = release_number(system.release);
  Names here;
  for (const auto& [name, value] : KernelBtf::create()->enumeration("bpf_attach_type"))
    here.insert(lowered(name));
  const std::map<std::string_view, std::string> names{{"kprobe.multi", "bpf_trace_kprobe_multi"},
                                                      {"uprobe.multi", "bpf_trace_uprobe_multi"},
                                                      {"tp_btf", "bpf_trace_raw_tp"},
                                                      {"fentry", "bpf_trace_fentry"},
                                                      {"fmod_ret", "bpf_modify_return"},
                                                      {"lsm", "bpf_lsm_mac"},
                                                      {"lsm_cgroup", "bpf_lsm_cgroup"},
                                                      {"iter", "bpf_trace_iter"},
                                                      {"tcx", "bpf_tcx_ingress"},
                                                      {"netkit", "bpf_netkit_primary"},
                                                      {"netfilter", "bpf_netfilter"}};
  std::size_t checked = 0;
  for (const Since& one : all_since()) {
    const auto named = names.find(one.way);
    if (named == names.end() && !one.way.starts_with("cgroup_")) continue;
    const std::string name = named == names.end() ? "bpf_" + std::string(one.way) : named->second;
    EXPECT_EQ(here.contains(name), running >= release_number(one.release)) << one.way;
    ++checked;
  }
  EXPECT_GT(checked, 30U);
  for (const Place& place : inventory().of_kind(PlaceKind::cgroup))
    EXPECT_NE(linux_since(place.name), "") << place.name;
}

// tests/map/sample.txt: drawn at random, looked up by hand.
TEST_F(MapHere, AgreesWithTheSampleThatWasLookedUpByHand) {
  std::ifstream file(MAP_SAMPLE);
  std::size_t lines = 0;
  std::size_t here = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string kind_word;
    std::string name;
    std::string subsystem;
    std::string source;
    words >> kind_word >> name >> subsystem >> source;
    ASSERT_FALSE(source.empty()) << line;
    const auto kind = find_place_kind(kind_word);
    ASSERT_TRUE(kind) << line;
    ++lines;
    for (const Place& place : inventory().of_kind(*kind)) {
      if (place.name != name) continue;
      EXPECT_EQ(subsystem_name(place.subsystem), subsystem) << line;
      ++here;
    }
  }
  EXPECT_EQ(lines, 100U);
  // No kernel has all of them: drivers and file systems are in modules, or left out; without root
  // there are no tracepoints.
  EXPECT_GE(here, 40U);
}

class MapInVm : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::geteuid(), 0U) << "needs root"; }
};

TEST_F(MapInVm, HasNoGaps) {
  EXPECT_THAT(inventory().gaps, testing::IsEmpty());
}

TEST_F(MapInVm, AssignsEveryTracepoint) {
  expect_assigned(PlaceKind::tracepoint);
}

TEST_F(MapInVm, TracepointsAreTheFoldersOfTracefs) {
  Names folders;
  for (const auto& system : std::filesystem::directory_iterator(tracing() / "events")) {
    if (!system.is_directory()) continue;
    const std::string name = system.path().filename();
    if (name == "ftrace") continue;  // records of the tracer itself: nobody can enable them
    for (const auto& event : std::filesystem::directory_iterator(system.path()))
      if (std::filesystem::exists(event.path() / "enable"))
        folders.insert(name + ":" + std::string(event.path().filename()));
  }
  EXPECT_GT(folders.size(), 1000U);
  EXPECT_EQ(difference(folders, names_of(PlaceKind::tracepoint)), Names{});
  EXPECT_EQ(difference(names_of(PlaceKind::tracepoint), folders), Names{});
}

TEST_F(MapInVm, EachTracepointButThoseOfSystemCallsIsARawOneToo) {
  const Names raw = names_of(PlaceKind::raw_tracepoint);
  Names missing;
  for (const Place& place : inventory().of_kind(PlaceKind::tracepoint)) {
    if (place.name.starts_with("syscalls:")) continue;
    const std::string event(place.name.substr(place.name.find(':') + 1));
    if (!raw.contains(event)) missing.insert(std::string(place.name));
  }
  EXPECT_EQ(missing, Names{});
}

TEST_F(MapInVm, SystemCallsAreThoseThatHaveTracepoints) {
  Names functions;
  for (const Place& place : inventory().of_kind(PlaceKind::syscall))
    functions.insert(std::string(place.detail.substr(place.detail.find("sys_") + 4)));
  Names traced;
  for (const Place& place : inventory().of_kind(PlaceKind::tracepoint)) {
    constexpr std::string_view k_enter = "syscalls:sys_enter_";
    if (place.name.starts_with(k_enter))
      traced.insert(std::string(place.name.substr(k_enter.size())));
  }
  EXPECT_GT(traced.size(), 300U);
  // A call that is there twice has the newer function.
  Names missing = difference(traced, functions);
  std::erase_if(missing, [](const std::string& name) {
    return name == "newuname" || name == "newstat" || name == "newfstat" || name == "newlstat";
  });
  EXPECT_EQ(missing, Names{});
}

TEST_F(MapInVm, FunctionsAreThoseThatFtraceAndBtfName) {
  Names traceable;
  std::ifstream file(tracing() / "available_filter_functions");
  for (std::string line; std::getline(file, line);) {
    const std::string name = line.substr(0, line.find_first_of(" \t"));
    if (!name.starts_with("__ftrace_invalid_address")) traceable.insert(name);
  }
  const Names typed = bpftool_names("FUNC", "");
  ASSERT_GT(traceable.size(), 30000U);
  ASSERT_GT(typed.size(), 30000U);
  Names expected;
  std::ranges::set_intersection(traceable, typed, std::inserter(expected, expected.end()));
  Names found;
  std::size_t kprobes = 0;
  for (const Place& place : inventory().of_kind(PlaceKind::function)) {
    if (place.module.empty() && takes_fentry(place)) found.insert(std::string(place.name));
    if (!takes_kprobe(place)) continue;
    ++kprobes;
    EXPECT_TRUE(traceable.contains(std::string(place.name))) << place.name;
  }
  // A module's function may bear the name of one that BTF knows.
  const Names too_many = difference(found, expected);
  EXPECT_EQ(too_many, Names{});
  Names missing = difference(expected, found);
  for (const Place& place : inventory().of_kind(PlaceKind::function))
    if (!place.module.empty()) missing.erase(std::string(place.name));
  EXPECT_EQ(missing, Names{});
  EXPECT_GT(kprobes, 30000U);
}

TEST_F(MapInVm, KnowsTheHooksThatEverybodyUses) {
  const Names functions = names_of(PlaceKind::function);
  for (const char* name : {"vfs_read", "tcp_sendmsg", "do_filp_open"})
    EXPECT_TRUE(functions.contains(name)) << name;
  EXPECT_TRUE(names_of(PlaceKind::struct_ops).contains("tcp_congestion_ops"));
  EXPECT_TRUE(names_of(PlaceKind::kfunc).contains("bpf_key_put"));
  EXPECT_TRUE(names_of(PlaceKind::cgroup).contains("cgroup_device"));
  EXPECT_TRUE(names_of(PlaceKind::xdp).contains("xdp lo"));
  EXPECT_TRUE(names_of(PlaceKind::netfilter).contains("netfilter ipv4 local_in"));
  EXPECT_TRUE(names_of(PlaceKind::perf_event).contains("software:page-faults"));
}

}  // namespace
}  // namespace gancho
