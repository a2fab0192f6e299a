// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace gancho {
namespace {

std::string encode(char32_t code) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 63))};
  if (code < 0x10000)
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
          byte(0x80 | (code & 63))};
}

TEST(Utf8, EveryCodePoint) {
  for (char32_t code = 0; code < 0x120000; ++code) {
    const std::string text = encode(code);
    const Utf8 decoded = decode_utf8(text);
    if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) {
      ASSERT_EQ(decoded.length, 0u) << std::uint32_t{code};
    } else {
      ASSERT_EQ(decoded.length, text.size()) << std::uint32_t{code};
      ASSERT_EQ(decoded.code, code);
      for (std::size_t cut = 1; cut < text.size(); ++cut)
        ASSERT_EQ(decode_utf8(std::string_view(text).substr(0, cut)).length, 0u);
    }
  }
}

TEST(Utf8, RefusesOverlongForms) {
  for (const std::string_view text : {"\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
                                      "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\x80", "\xff"})
    EXPECT_EQ(decode_utf8(text).length, 0u);
}

TEST(Utf8, AllOfATextOrNot) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xc3\xa9"));
  EXPECT_FALSE(is_utf8("a\xc3"));
  EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, WhatSteersATerminal) {
  for (const char32_t code :
       std::initializer_list<char32_t>{0x00, 0x1b, 0x7f, 0x80, 0x9b, 0x9f, 0x61c, 0x200e, 0x202a,
                                       0x202e, 0x2066, 0x2069, 0x2028, 0xe0001})
    EXPECT_TRUE(steers_terminal(code)) << std::uint32_t{code};
  for (const char32_t code : std::initializer_list<char32_t>{0x20, 0x7e, 0xa0, 0xe9, 0x202f, 0x2065,
                                                             0x206a, 0x2190, 0x1f600})
    EXPECT_FALSE(steers_terminal(code)) << std::uint32_t{code};
}

}  // namespace
}  // namespace gancho
