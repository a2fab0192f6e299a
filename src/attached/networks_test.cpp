// SPDX-License-Identifier: Apache-2.0
#include "attached/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NetworkNamespaces, HaveTheirInodeInTheirName) {
  EXPECT_EQ(network_inode("net:[4026531840]"), 4026531840U);
  for (const char* other : {"", "net:[", "net:[]", "net:[12", "net:[12x]", "net:[-1]", "mnt:[12]",
                            "net:[99999999999999999999999]"})
    EXPECT_EQ(network_inode(other), 0U) << other;
}

TEST(NetworkNamespaces, AreMountedWhereMountinfoSays) {
  EXPECT_THAT(
      network_mounts("22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
                     "90 30 0:4 net:[4026532281] /run/netns/blue rw shared:48 - nsfs nsfs rw\n"
                     "91 30 0:4 mnt:[4026532282] /run/snapd/ns/lxd.mnt rw - nsfs nsfs rw\n"
                     "92 30 0:4 net:[4026532283] /run/a\\040b\\134\\01 rw - nsfs nsfs rw"),
      ElementsAre(NamespaceMount{.inode = 4026532281, .path = "/run/netns/blue"},
                  NamespaceMount{.inode = 4026532283, .path = "/run/a b\\\\01"}));
  EXPECT_THAT(network_mounts(""), IsEmpty());
  EXPECT_THAT(network_mounts(" - nsfs \n\n - nsfs nsfs"), IsEmpty());
}

}  // namespace
}  // namespace gancho
