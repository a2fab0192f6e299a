// SPDX-License-Identifier: Apache-2.0
#include "load/watched_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gancho {
namespace {

// As stat(2) has it, where the programs read the kernel's own.
Result<std::vector<descriptor_file>> describe() {
  std::vector<descriptor_file> all;
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) continue;
    descriptor_file one{};
    one.fd = static_cast<__u32>(fd);
    one.file.inode = status.st_ino;
    all.push_back(one);
  }
  return all;
}

class WatchedFiles : public testing::Test {
 protected:
  WatchedFiles() {
    std::string form = "/tmp/watched-XXXXXX";
    place_ = std::filesystem::canonical(::mkdtemp(form.data())).string();
    std::ofstream(place_ + "/f") << "x";
    std::filesystem::create_directory(place_ + "/d");
    std::filesystem::create_symlink("../f", place_ + "/d/link");
  }
  ~WatchedFiles() override { std::filesystem::remove_all(place_); }

  static std::uint64_t inode(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }

  std::string place_;
};

std::string_view start_of(const watched_name& name) {
  return reinterpret_cast<const char*>(name.start);
}

TEST_F(WatchedFiles, AFileIsItsInodeAndItsName) {
  for (const std::string& path : {place_ + "/f", place_ + "/d/link"}) {
    const std::vector<std::string> paths{path};
    const auto set = find_watched_files(paths, describe);
    ASSERT_TRUE(set.has_value()) << set.error().message;
    ASSERT_EQ(set->files.size(), 2u);
    EXPECT_EQ(set->files[0].file.inode, inode(place_ + "/f"));
    EXPECT_EQ(set->files[0].marks, WATCH_SELF);
    EXPECT_EQ(set->files[1].file.inode, inode(place_));
    EXPECT_EQ(set->files[1].marks, WATCH_NAMES);
    ASSERT_EQ(set->names.size(), 1u);
    EXPECT_EQ(set->names[0].inode, inode(place_));
    EXPECT_EQ(set->names[0].length, 1u);
    EXPECT_EQ(start_of(set->names[0]), "f");
    EXPECT_EQ(set->watch, WATCH_SELF | WATCH_NAMES);
  }
}

TEST_F(WatchedFiles, ADirectoryIsAllBeneath) {
  const std::vector<std::string> paths{place_ + "/d/"};
  const auto set = find_watched_files(paths, describe);
  ASSERT_TRUE(set.has_value()) << set.error().message;
  ASSERT_EQ(set->files.size(), 1u);
  EXPECT_EQ(set->files[0].file.inode, inode(place_ + "/d"));
  EXPECT_EQ(set->watch, WATCH_SELF | WATCH_BENEATH);
  EXPECT_TRUE(set->names.empty());
}

TEST_F(WatchedFiles, WhatIsNotThereYetIsItsName) {
  const std::string name(200, 'n');
  const std::vector<std::string> paths{place_ + "/d/" + name};
  const auto set = find_watched_files(paths, describe);
  ASSERT_TRUE(set.has_value()) << set.error().message;
  ASSERT_EQ(set->names.size(), 1u);
  EXPECT_EQ(set->names[0].inode, inode(place_ + "/d"));
  EXPECT_EQ(set->names[0].length, 200u);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(set->names[0].start), WATCH_NAME_MAX),
            name.substr(0, WATCH_NAME_MAX));
}

TEST_F(WatchedFiles, ManyLeaveNoDescriptorOpen) {
  const std::size_t before = describe()->size();
  const std::vector<std::string> paths(300, place_ + "/f");
  const auto set = find_watched_files(paths, describe);
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_EQ(set->files.size(), 600u);
  EXPECT_EQ(describe()->size(), before);
}

TEST_F(WatchedFiles, WhatCannotBeIsSaidInOneLine) {
  for (const std::string& path :
       {place_ + "/none/f", place_ + "/f/x", place_ + "/none/", place_ + "/none/.."}) {
    const std::vector<std::string> paths{path};
    const Status status = check_watched_files(paths);
    ASSERT_FALSE(status.has_value()) << path;
    EXPECT_EQ(status.error().code, Errc::usage);
    EXPECT_TRUE(status.error().message.starts_with("cannot watch ")) << status.error().message;
    EXPECT_NE(status.error().message.find(path), std::string::npos) << status.error().message;
    EXPECT_FALSE(find_watched_files(paths, describe).has_value());
  }
}

}  // namespace
}  // namespace gancho
