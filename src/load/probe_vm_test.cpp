// SPDX-License-Identifier: Apache-2.0
//
// What the probe must find on the kernels that we test on. As root, in a virtual machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "load/probe.h"

namespace gancho {
namespace {

// Kinds, by name, that Debian's kernels refuse.
std::set<std::string_view> expected_refusals(const KernelFacts& facts) {
  std::set<std::string_view> refused;
  if (facts.release.starts_with("6.1.")) {
    refused = {"kprobe.multi", "tcx", "Netfilter", "kfuncs in tracing"};
  }
  const auto& modules = facts.security_modules.value();
  if (std::ranges::find(modules, "bpf") == modules.end()) refused.insert("LSM");
  return refused;
}

TEST(ProbeInVm, FindsWhatTheKernelOffers) {
  KernelProbe probe;
  const KernelFacts& facts = probe.facts();
  ASSERT_TRUE(facts.release.starts_with("6.1.") || facts.release.starts_with("6.12."))
      << "nothing is known about " << facts.release;
  ASSERT_EQ(missing_privilege(facts), "");
  const auto refused = expected_refusals(facts);
  for (const HookResult& result : probe.attach_all()) {
    const std::string_view name = describe(result.kind).name;
    EXPECT_EQ(result.outcome, refused.contains(name) ? Outcome::refused : Outcome::works)
        << name << ": " << result.reason;
  }
}

TEST(ProbeInVm, ReadsTheFacts) {
  const KernelFacts facts = read_kernel_facts();
  EXPECT_GT(facts.btf_bytes, 1'000'000U);
  EXPECT_EQ(facts.cgroup, CgroupVersion::v2);
  EXPECT_EQ(facts.cgroup2_at, "/sys/fs/cgroup");
  EXPECT_EQ(facts.lockdown, "none");
  EXPECT_FALSE(facts.preemption.empty());
  EXPECT_TRUE(facts.initial_user_namespace);
  EXPECT_EQ(facts.jit_enable, 1);
}

TEST(ProbeInVm, TellsTargetsApart) {
  KernelProbe probe;
  const bool is_6_1 = probe.facts().release.starts_with("6.1.");
  EXPECT_EQ(probe.program_works("tp_btf__sched_prepare_exec"), !is_6_1);  // Linux 6.10
  EXPECT_EQ(probe.program_works("tp_btf__sched_process_exec"), true);
  EXPECT_EQ(probe.program_works("fentry__security_bprm_check"), true);
  EXPECT_EQ(probe.program_works("fexit____x64_sys_execve"), true);
  EXPECT_EQ(probe.program_works("iter__task"), true);
  EXPECT_EQ(probe.program_works("tp__sys_exit_execve"), true);
  EXPECT_EQ(probe.program_works("kprobe__vfs_read"), true);
  EXPECT_EQ(probe.program_works("raw_tp__sys_enter"), true);
  // In type information, and yet not to be traced: it would be entered while a program runs.
  EXPECT_EQ(probe.program_works("fentry__rcu_read_unlock_strict"), false);
  EXPECT_EQ(probe.program_works("fentry__no_such_function"), false);
}

}  // namespace
}  // namespace gancho
