// SPDX-License-Identifier: Apache-2.0
#include "attached/pins.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(Pins, AreInMountsOfTypeBpf) {
  const auto mounts = bpf_mounts(
      "22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
      "40 22 0:34 /cilium /run/some\\040where rw - bpf bpf rw,mode=700\n"
      "31 22 0:34 / /sys/fs/bpf rw,nosuid shared:9 master:1 - bpf none rw,mode=700\n"
      "32 22 0:35 / /bpf rw - ext4 /dev/bpf rw\n"
      "33 22 0:36 / /a\\134040b\\999 rw - bpf bpf rw\n"
      "broken line\n");
  ASSERT_EQ(mounts.size(), 3U);
  // The whole of a file system before a part of it.
  EXPECT_EQ(mounts[0].point, "/sys/fs/bpf");
  EXPECT_EQ(mounts[0].device, "0:34");
  EXPECT_EQ(mounts[1].point, "/a\\040b\\999");
  EXPECT_EQ(mounts[2].root, "/cilium");
  EXPECT_EQ(mounts[2].point, "/run/some where");
}

}  // namespace
}  // namespace gancho
