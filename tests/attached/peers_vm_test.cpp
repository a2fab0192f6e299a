// SPDX-License-Identifier: Apache-2.0
//
// What tools that others wrote have attached: found where they put it, and whose it is.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "attached/read_attached.h"
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

}  // namespace
}  // namespace gancho::test
