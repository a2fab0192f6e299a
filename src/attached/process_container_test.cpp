// SPDX-License-Identifier: Apache-2.0
#include "attached/process_container.h"

#include <gtest/gtest.h>

#include "config.bpf.h"

namespace gancho {
namespace {

const std::string k_id = "3f4ea2b1c0d95867a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";
const std::string k_other = "0000a2b1c0d95867a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";

TEST(ProcessContainer, IsTheOutermostOfItsPath) {
  const std::string inner = "/system.slice/docker-" + k_id + ".scope/docker/" + k_other + "/x";
  EXPECT_EQ(container_of("0::" + inner + "\n", CONTAINERS_V2), k_id);
  EXPECT_EQ(container_of("0::/docker/" + k_other, CONTAINERS_V2), k_other);
  EXPECT_EQ(container_of("0::/lxc.payload.web/init.scope", CONTAINERS_V2), "web");
}

TEST(ProcessContainer, IsNoneOnTheHost) {
  EXPECT_EQ(container_of("0::/system.slice/ssh.service\n", CONTAINERS_V2), "");
  EXPECT_EQ(container_of("0::/\n", CONTAINERS_V2), "");
  EXPECT_EQ(container_of("", CONTAINERS_V2), "");
  EXPECT_EQ(container_of("nonsense\n::", CONTAINERS_V2), "");
}

TEST(ProcessContainer, IsReadFromTheHierarchyThatContainersAreIn) {
  const std::string text =
      "12:cpu,pids:/docker/" + k_id + "\n4:memory:/docker/" + k_other + "\n0::/init.scope\n";
  EXPECT_EQ(container_of(text, CONTAINERS_V1_PIDS), k_id);
  EXPECT_EQ(container_of(text, CONTAINERS_V1_MEMORY), k_other);
  EXPECT_EQ(container_of(text, CONTAINERS_V2), "");
}

}  // namespace
}  // namespace gancho
