// SPDX-License-Identifier: Apache-2.0
#include "load/probe.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "load/libbpf_log.h"

namespace gancho {
namespace {

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// Gives up all capabilities, for good: only in a process that is about to end.
bool drop_privilege() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> none{};
  return syscall(SYS_capset, &header, none.data()) == 0;
}

// In a process of its own: 0 when all is as it should be.
int probe_without_privilege() {
  if (!drop_privilege()) return 1;
  KernelProbe probe;
  for (const HookResult& result : probe.attach_all()) {
    if (result.outcome != Outcome::not_tried) return 2;
    if (result.reason.find("no privilege") == std::string::npos) return 3;
  }
  const auto exec = probe.available("tp_btf__sched_process_exec");
  if (!exec || exec->works) return 4;
  return 0;
}

TEST(KernelProbeDeathTest, TriesNothingWithoutPrivilege) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::_Exit(probe_without_privilege()), testing::ExitedWithCode(0), "");
}

// With privilege this tries all of it on the kernel below, else nothing: true of both.
TEST(KernelProbe, SaysWhyAndLeavesNothingOpen) {
  const auto before = open_descriptors();
  {
    KernelProbe probe;
    const std::vector<HookResult> results = probe.attach_all();
    ASSERT_EQ(results.size(), hook_kinds().size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].kind, hook_kinds()[i].kind);
      EXPECT_EQ(results[i].reason.empty(), results[i].outcome == Outcome::works)
          << hook_kinds()[i].name << ": " << results[i].reason;
    }
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(KernelProbe, TargetsThatDoNotExistAreRefused) {
  KernelProbe probe;
  for (const char* name : {"tp_btf__no_such_thing", "fexit__no_such_thing", "iter__no_such_thing",
                           "lsm__no_such_thing", "tp__no_such_thing", "kprobe__no_such_thing"}) {
    const auto answer = probe.available(name);
    ASSERT_TRUE(answer) << name;
    EXPECT_FALSE(answer->works) << name;
    EXPECT_FALSE(answer->why.empty()) << name;
  }
}

TEST(KernelProbe, NamesOfNoKindAreAnError) {
  KernelProbe probe;
  EXPECT_EQ(probe.available("freplace__act").error().code, Errc::usage);
  EXPECT_EQ(probe.program_works("nothing").error().code, Errc::usage);
}

TEST(LibbpfLog, TakingEmptiesIt) {
  capture_libbpf_log();
  static_cast<void>(take_libbpf_log());
  EXPECT_EQ(take_libbpf_log(), "");
}

}  // namespace
}  // namespace gancho
