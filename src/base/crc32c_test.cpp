// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gancho {
namespace {

std::uint32_t crc(std::string_view text) {
  return crc32c(std::as_bytes(std::span(text)));
}

TEST(Crc32c, PublishedValues) {  // RFC 3720, B.4
  EXPECT_EQ(crc("123456789"), 0xe3069283u);
  EXPECT_EQ(crc(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc(""), 0u);
}

TEST(Crc32c, PiecesGiveTheSameAsTheWhole) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  const auto bytes = std::as_bytes(std::span(text));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    EXPECT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), crc32c(bytes));
}

}  // namespace
}  // namespace gancho
