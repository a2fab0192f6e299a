// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gancho
