// SPDX-License-Identifier: Apache-2.0
#include "attached/tracepoint_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TracepointNames, AreFoundByTheEventAlone) {
  TracepointNames names(
      "sched:sched_switch\nsched:sched_switch_more\ncfg80211:drv_start\nmac80211:drv_start\n"
      "syscalls:sys_enter_openat");
  EXPECT_THAT(names.find("sched_switch"), ElementsAre("sched:sched_switch"));
  EXPECT_THAT(names.find("drv_start"), ElementsAre("cfg80211:drv_start", "mac80211:drv_start"));
  EXPECT_THAT(names.find("sys_enter_openat"), ElementsAre("syscalls:sys_enter_openat"));
  EXPECT_THAT(names.find("switch"), IsEmpty());
  EXPECT_THAT(names.find("sched_switc"), IsEmpty());
}

}  // namespace
}  // namespace gancho
