// SPDX-License-Identifier: Apache-2.0
#include "map/since.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace gancho {
namespace {

TEST(LinuxSince, IsToldOfEachWay) {
  EXPECT_EQ(linux_since("tracepoint"), "4.7");
  EXPECT_EQ(linux_since("fentry"), "5.5");
  EXPECT_EQ(linux_since("tcx"), "6.6");
  EXPECT_EQ(linux_since("cgroup_sysctl"), "5.2");
  EXPECT_EQ(linux_since("nothing_of_the_kind"), "");
}

TEST(LinuxSince, EachHasOneReleaseAndItsCommit) {
  std::set<std::string_view> ways;
  for (const Since& one : all_since()) {
    EXPECT_TRUE(ways.insert(one.way).second) << one.way << " is there twice";
    EXPECT_THAT(std::string(one.release), testing::MatchesRegex("[4-7]\\.[0-9]+")) << one.way;
    EXPECT_THAT(std::string(one.commit), testing::MatchesRegex("[0-9a-f]+")) << one.way;
    EXPECT_EQ(one.commit.size(), 12U) << one.way;
  }
}

}  // namespace
}  // namespace gancho
