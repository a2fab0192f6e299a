// SPDX-License-Identifier: Apache-2.0
//
// What tools that others wrote have attached: found where they put it, and whose it is.
#include <bpf/bpf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "attached/read_attached.h"
#include "base/fd.h"
#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/peer_tool.h"

namespace gancho::test {
namespace {

// A tool that runs until the end of the test.
class Running {
 public:
  explicit Running(std::vector<std::string> words) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDOUT_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// "kprobe vfs_read" for each attachment whose program or link this process has.
std::vector<std::string> places_of(const Attached& attached, pid_t owner) {
  const auto owned = [&](const Holders& holders) {
    return std::ranges::find(holders.owners, owner, &Owner::pid) != holders.owners.end();
  };
  std::vector<std::string> places;
  for (const Attachment& one : attached.attachments) {
    const auto link = attached.links.find(one.link);
    if (owned(attached.programs.at(one.program).holders) ||
        (link != attached.links.end() && owned(link->second.holders)))
      places.push_back(one.how + " " + one.place);
  }
  return places;
}

// Until that process has all of these; else what it has.
std::vector<std::string> wait_for(const std::vector<std::string>& wanted, pid_t owner) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  for (;;) {
    const auto attached = read_attached();
    if (!attached) return {attached.error().message};
    std::vector<std::string> places = places_of(*attached, owner);
    const bool all = std::ranges::all_of(
        wanted, [&](const std::string& one) { return std::ranges::count(places, one) != 0; });
    if (all || std::chrono::steady_clock::now() > until) return places;
  }
}

TEST(AttachedByOthers, Bpftrace) {
  if (!installed("bpftrace")) GTEST_SKIP() << "no bpftrace";
  const Running bpftrace({"bpftrace", "-e",
                          "kprobe:vfs_read { @ = count(); } kretprobe:vfs_write { @ = count(); } "
                          "tracepoint:sched:sched_switch { @ = count(); } "
                          "kfunc:vfs_open { @ = count(); } "
                          "software:page-faults:100 { @ = count(); }"});
  const std::vector<std::string> wanted{"kprobe vfs_read", "kretprobe vfs_write",
                                        "tracepoint sched:sched_switch", "fentry vfs_open",
                                        // It does without a link: then the kernel does not tell
                                        // which counter it is.
                                        "perf event "};
  EXPECT_THAT(wait_for(wanted, bpftrace.pid()), testing::IsSupersetOf(wanted));
}

TEST(AttachedByOthers, Opensnoop) {
  if (!installed("opensnoop")) GTEST_SKIP() << "no opensnoop";
  const Running opensnoop({"opensnoop"});
  const std::vector<std::string> wanted{"tracepoint syscalls:sys_enter_openat",
                                        "tracepoint syscalls:sys_exit_openat"};
  EXPECT_THAT(wait_for(wanted, opensnoop.pid()), testing::IsSupersetOf(wanted));
}

// It puts its program in place of a part of libxdp's dispatcher, and pins both.
TEST(AttachedByOthers, XdpFilter) {
  if (!installed("xdp-filter")) GTEST_SKIP() << "no xdp-filter";
  (void)::mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr);
  ASSERT_EQ(std::system("ip link add veth-a type veth peer name veth-b && ip link set veth-a up && "
                        "xdp-filter load veth-a"),
            0);
  const auto attached = read_attached();
  ASSERT_TRUE(attached) << attached.error().message;
  const Attachment* dispatcher = nullptr;
  for (const Attachment& one : attached->attachments)
    if (one.place == "xdp veth-a") dispatcher = &one;
  ASSERT_NE(dispatcher, nullptr);
  EXPECT_EQ(attached->programs.at(dispatcher->program).name, "xdp_dispatcher");
  const auto filter = std::ranges::find(attached->attachments, "freplace", &Attachment::how);
  ASSERT_NE(filter, attached->attachments.end());
  EXPECT_THAT(filter->place, testing::HasSubstr(std::to_string(dispatcher->program)));
  EXPECT_THAT(attached->programs.at(filter->program).name, testing::StartsWith("xdpfilt"));
  EXPECT_FALSE(attached->programs.at(filter->program).holders.pins.empty());
  EXPECT_EQ(std::system("xdp-filter unload veth-a && ip link del veth-a"), 0);
}

// Loaded here and pinned, to be attached by others.
class Pinned {
 public:
  Pinned(bpf_prog_type type, const char* name) : path_(std::string("/sys/fs/bpf/") + name) {
    const std::array<bpf_insn, 2> code{{
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 1},
        {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
    }};
    const Fd program(bpf_prog_load(type, name, "GPL", code.data(), code.size(), nullptr));
    EXPECT_EQ(bpf_obj_pin(program.get(), path_.c_str()), 0) << path_;
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Numbers = std::set<std::uint32_t>;

// What bpftool lists, and is not of its own making: that comes and goes.
Numbers listed(const std::vector<std::string>& words, const std::set<std::string>& names,
               Numbers BpfIds::* ids) {
  std::vector<std::string> command{BPFTOOL, "-j"};
  command.insert(command.end(), words.begin(), words.end());
  const Numbers before = BpfIds::now().*ids;
  const Ran ran = run(command);
  const Numbers after = BpfIds::now().*ids;
  EXPECT_EQ(ran.status, 0) << ran.error;
  Numbers found = numbers_in(ran.output, names);
  std::erase_if(found,
                [&](std::uint32_t id) { return !before.contains(id) || !after.contains(id); });
  EXPECT_FALSE(found.empty()) << words.front() << ": " << ran.output;
  return found;
}

TEST(AttachedByOthers, BpftoolListsNothingThatMapDoesNot) {
  if (!installed("bpftrace") || !installed("xdp-filter")) GTEST_SKIP() << "no bpftrace, xdp-filter";
  const Running bpftrace({"bpftrace", "-e",
                          "kprobe:vfs_read { @ = count(); } kfunc:vfs_open { @ = count(); } "
                          "tracepoint:sched:sched_switch { @ = count(); }"});
  const std::vector<std::string> wanted{"kprobe vfs_read", "fentry vfs_open",
                                        "tracepoint sched:sched_switch"};
  ASSERT_THAT(wait_for(wanted, bpftrace.pid()), testing::IsSupersetOf(wanted));
  (void)::mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr);
  const Pinned of_cgroup(BPF_PROG_TYPE_CGROUP_SKB, "of_cgroup");
  const Pinned of_tc(BPF_PROG_TYPE_SCHED_CLS, "of_tc");
  const std::string stage =
      "set -e; ip link add veth-c type veth peer name veth-d; ip link set veth-c up; "
      "xdp-filter load veth-c; tc qdisc add dev veth-c clsact; "
      "tc filter add dev veth-c egress bpf direct-action object-pinned " +
      of_tc.path() +
      "; "
      "mkdir -p /sys/fs/cgroup/of_others; " BPFTOOL
      " cgroup attach /sys/fs/cgroup/of_others ingress pinned " +
      of_cgroup.path();
  ASSERT_EQ(std::system(stage.c_str()), 0);

  const Numbers programs = listed({"prog", "list"}, {"id"}, &BpfIds::programs);
  const Numbers maps = listed({"map", "list"}, {"id"}, &BpfIds::maps);
  const Numbers links = listed({"link", "list"}, {"id"}, &BpfIds::links);
  const Numbers of_net = listed({"net"}, {"id", "prog_id"}, &BpfIds::programs);
  const Numbers of_cgroups = listed({"cgroup", "tree"}, {"id"}, &BpfIds::programs);
  const Ran map = run({gancho_path(), "map", "attached", "--json"});
  ASSERT_EQ(map.status, 0) << map.error;
  const auto document = boost::json::parse(map.output);
  const auto& ours = document.at("attached").as_object();
  const auto in = [&](const char* part, const char* name) {
    Numbers ids;
    for (const auto& one : ours.at(part).as_array())
      ids.insert(one.at(name).to_number<std::uint32_t>());
    return ids;
  };
  using testing::IsSubsetOf;
  EXPECT_THAT(programs, IsSubsetOf(in("programs", "id")));
  EXPECT_THAT(maps, IsSubsetOf(in("maps", "id")));
  EXPECT_THAT(links, IsSubsetOf(in("links", "id")));
  EXPECT_THAT(of_net, IsSubsetOf(in("attachments", "program")));
  EXPECT_GE(of_net.size(), 2U) << "XDP and tc";
  EXPECT_THAT(of_cgroups, IsSubsetOf(in("attachments", "program")));

  EXPECT_EQ(std::system("xdp-filter unload veth-c && ip link del veth-c && "
                        "rmdir /sys/fs/cgroup/of_others"),
            0);
}

}  // namespace
}  // namespace gancho::test
