// SPDX-License-Identifier: Apache-2.0
#include "event/flags.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <linux/openat2.h>

#include <algorithm>
#include <array>
#include <string>

#include "event/values.h"

namespace gancho {
namespace {

std::string text(FieldType type, std::uint32_t flags) {
  std::array<char, k_flags_max> form;
  return {form.data(), write_flags(form.data(), type, flags)};
}

TEST(Flags, AreWrittenByName) {
  EXPECT_EQ(text(FieldType::open_flags, 0), "O_RDONLY");
  EXPECT_EQ(text(FieldType::open_flags, O_WRONLY | O_CREAT | O_CLOEXEC),
            "O_WRONLY|O_CREAT|O_CLOEXEC");
  EXPECT_EQ(text(FieldType::resolve_flags, RESOLVE_BENEATH), "RESOLVE_BENEATH");
  EXPECT_EQ(text(FieldType::rename_flags, 0), "0");
}

TEST(Flags, OfTwoNamesForOneBitTheLargerIsMeant) {
  EXPECT_EQ(text(FieldType::open_flags, O_RDWR | O_SYNC), "O_RDWR|O_SYNC");
  EXPECT_EQ(text(FieldType::open_flags, O_RDWR | O_DSYNC), "O_RDWR|O_DSYNC");
  EXPECT_EQ(text(FieldType::open_flags, O_RDWR | O_TMPFILE), "O_RDWR|O_TMPFILE");
  EXPECT_EQ(text(FieldType::open_flags, O_DIRECTORY), "O_RDONLY|O_DIRECTORY");
}

TEST(Flags, WhatHasNoNameIsKept) {
  EXPECT_EQ(text(FieldType::rename_flags, 0x80000000U | RENAME_EXCHANGE),
            "RENAME_EXCHANGE|0x80000000");
  EXPECT_EQ(text(FieldType::at_flags, 1), "0x00000001");
}

TEST(Flags, EveryWordFits) {
  for (int type = 0; type < 64; ++type)
    if (has_flag_names(static_cast<FieldType>(type))) {
      EXPECT_LE(text(static_cast<FieldType>(type), UINT32_MAX).size(), k_flags_max);
    }
}

TEST(Flags, NamesAreThoseThatAreWritten) {
  const auto names = flag_names(FieldType::open_flags);
  for (const char* name : {"O_RDONLY", "O_RDWR", "O_CREAT", "O_PATH"})
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  EXPECT_EQ(flag_names(FieldType::rename_flags).size(), 3U);
  EXPECT_TRUE(flag_names(FieldType::u32).empty());
}

TEST(FileType, HasAName) {
  const auto name = [](std::uint32_t mode) {
    std::array<char, k_file_type_max> form;
    return std::string(form.data(), write_file_type(form.data(), mode));
  };
  EXPECT_EQ(name(0100644), "regular");
  EXPECT_EQ(name(0040755), "directory");
  EXPECT_EQ(name(0140000), "socket");
  EXPECT_EQ(name(0030000), "03");
  EXPECT_EQ(name(0), "00");
}

}  // namespace
}  // namespace gancho
