// SPDX-License-Identifier: Apache-2.0
//
// What docs/hooks.md says of this kernel is what the agent finds on it. As root; in a virtual
// machine, and on a kernel that has neither kprobes nor trampolines.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "event/room.h"
#include "load/probe.h"
#include "load/tested_kernels.h"

namespace gancho {
namespace {

std::string_view name_of(const HookCandidate* candidate) {
  return candidate == nullptr ? "none" : candidate->name;
}

std::set<std::string_view> programs_of(const SignalChoice& choice) {
  return {choice.programs.begin(), choice.programs.end()};
}

void expect_as_on_the_page(KernelProbe& probe, TestedKernel kernel) {
  const Available found = [&probe](std::string_view program) {
    const auto answer = probe.available(program);
    EXPECT_TRUE(answer) << program;
    return answer.value_or(Availability{});
  };
  std::size_t signals = 0;
  for (const Room* room : rooms()) {
    const auto here = choose(room->signals, found, {});
    const auto page = choose(room->signals, available_on(kernel), {});
    ASSERT_EQ(here.size(), page.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      SCOPED_TRACE(std::string(here[i].signal->name) + " on " + std::string(short_name(kernel)));
      EXPECT_EQ(name_of(here[i].chosen), name_of(page[i].chosen));
      EXPECT_EQ(programs_of(here[i]), programs_of(page[i]));
    }
    signals += here.size();
  }
  EXPECT_GT(signals, 0U);
}

TEST(HooksPageInVm, SaysWhatTheProbeFinds) {
  KernelProbe probe;
  ASSERT_EQ(missing_privilege(probe.facts()), "");
  const auto kernel = tested_kernel(probe);
  ASSERT_TRUE(kernel) << "no column for " << probe.facts().release;
  expect_as_on_the_page(probe, *kernel);
}

// The same on the machine that builds, for the column that no virtual machine has.
TEST(HooksPageHere, SaysWhatTheProbeFinds) {
  KernelProbe probe;
  if (const std::string missing = missing_privilege(probe.facts()); !missing.empty())
    GTEST_SKIP() << missing;
  const auto kernel = tested_kernel(probe);
  if (!kernel) GTEST_SKIP() << "no column for " << probe.facts().release;
  expect_as_on_the_page(probe, *kernel);
}

}  // namespace
}  // namespace gancho
