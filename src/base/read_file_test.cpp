// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace gancho {
namespace {

TEST(ReadFile, AllOfASmallOneAndOneByteTooManyOfALargeOne) {
  const std::string path = testing::TempDir() + "read_file_test";
  std::ofstream(path) << std::string(100'000, 'x');
  EXPECT_EQ(read_file(path, 100'000)->size(), 100'000U);
  EXPECT_EQ(read_file(path, 99'999)->size(), 100'000U);
  EXPECT_EQ(read_file(path, 10)->size(), 11U);
  // A gigabyte of nothing takes no more.
  std::filesystem::resize_file(path, 1U << 30);
  EXPECT_EQ(read_file(path, 10)->size(), 11U);
  std::filesystem::remove(path);
}

TEST(ReadFile, SaysWhichFileIsNotThere) {
  const auto text = read_file("/no/such/file", 10);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "/no/such/file: No such file or directory");
  EXPECT_FALSE(read_file("/", 10));
}

TEST(ReadRegularFile, WaitsForNoPipe) {
  const std::string path = testing::TempDir() + "read_file_pipe";
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto text = read_regular_file(path, 10);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, path + ": not a regular file");
  EXPECT_EQ(*read_regular_file("/dev/null", 10), "");
  EXPECT_EQ(read_regular_file("/dev/zero", 10)->size(), 11U);
  EXPECT_EQ(read_regular_file("/", 10).error().message, "/: Is a directory");
  std::ofstream(path + ".txt") << "text";
  EXPECT_EQ(*read_regular_file(path + ".txt", 10), "text");
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".txt");
}

}  // namespace
}  // namespace gancho
