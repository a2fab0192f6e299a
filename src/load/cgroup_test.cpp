// SPDX-License-Identifier: Apache-2.0
#include "load/cgroup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "config.bpf.h"

namespace gancho {
namespace {

namespace fs = std::filesystem;

// A directory stands for the hierarchy: a cgroup's id is its directory's inode number.
class Cgroup : public testing::Test {
 protected:
  void SetUp() override {
    mount_ = testing::TempDir() + "gancho_cgroup_" + std::to_string(::getpid());
    fs::create_directories(mount_ + "/a.slice/b.service");
    fs::create_directories(mount_ + "x");  // beside it, with a name that begins alike
  }
  void TearDown() override {
    fs::remove_all(mount_);
    fs::remove_all(mount_ + "x");
  }
  [[nodiscard]] std::uint64_t inode(const std::string& below) const {
    struct stat status{};
    return ::stat((mount_ + below).c_str(), &status) == 0 ? status.st_ino : 0;
  }
  std::string mount_;
};

TEST_F(Cgroup, IsFoundByEitherNameAtItsDepth) {
  for (const std::string& path :
       {std::string("/a.slice/b.service"), mount_ + "/a.slice/b.service",
        mount_ + "//a.slice/./b.service/", std::string("/a.slice/../a.slice/b.service")}) {
    const auto found = find_cgroup(path, mount_);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->id, inode("/a.slice/b.service")) << path;
    EXPECT_EQ(found->level, 2U) << path;
  }
}

TEST_F(Cgroup, TheRootIsLevelZero) {
  for (const std::string& path : {std::string("/"), mount_, mount_ + "/"}) {
    const auto found = find_cgroup(path, mount_);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->id, inode(""));
    EXPECT_EQ(found->level, 0U);
  }
}

TEST_F(Cgroup, WhatIsNotThereOrLeadsOutIsRefused) {
  fs::create_directory(mount_ + "/a.slice/c");
  for (const std::string& path : {std::string("/nobody.slice"), std::string("/../etc"),
                                  std::string("/a.slice/../../etc"), mount_ + "x"}) {
    const auto found = find_cgroup(path, mount_);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().code, Errc::usage);
    EXPECT_NE(found.error().message.find(path), std::string::npos) << found.error().message;
  }
}

TEST_F(Cgroup, WithoutAHierarchyTheErrorSaysHowToMountOne) {
  const auto found = find_cgroup("/a.slice", "");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::unsupported);
  EXPECT_NE(found.error().message.find("mount -t cgroup2"), std::string::npos);
}

TEST(ContainerHierarchyKind, IsOfAControllerThatIsBoundToVersionOne) {
  const std::string head = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n";
  EXPECT_EQ(container_hierarchy_kind(head + "memory\t0\t24\t1\npids\t0\t1\t1\n"), CONTAINERS_V2);
  EXPECT_EQ(container_hierarchy_kind(head + "memory\t4\t24\t1\npids\t8\t1\t1\n"),
            CONTAINERS_V1_PIDS);
  EXPECT_EQ(container_hierarchy_kind(head + "memory\t4\t24\t1\npids\t0\t1\t1\n"),
            CONTAINERS_V1_MEMORY);
  EXPECT_EQ(container_hierarchy_kind(head + "cpu\t4\t24\t1\n"), CONTAINERS_V2);
  EXPECT_EQ(container_hierarchy_kind(""), CONTAINERS_V2);
}

}  // namespace
}  // namespace gancho
