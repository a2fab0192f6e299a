// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gancho {
namespace {

template <class T>
std::string decimal(T value) {
  std::array<char, k_decimal_max> room;
  return {room.data(), write_decimal(room.data(), value)};
}

TEST(Decimal, AgreesWithTheStandardAtEveryNumberOfDigits) {
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 20; ++digits, power *= 10)
    for (const std::uint64_t value : {power - 1, power, power + 1, power * 3 + power / 7})
      EXPECT_EQ(decimal(value), std::to_string(value));
  for (std::uint64_t value = 0; value < 200'000; value += 7)
    EXPECT_EQ(decimal(value), std::to_string(value));
  EXPECT_EQ(decimal(UINT64_MAX), "18446744073709551615");
}

TEST(Decimal, Signed) {
  EXPECT_EQ(decimal(std::int64_t{-1}), "-1");
  EXPECT_EQ(decimal(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(decimal(INT64_MAX), "9223372036854775807");
}

TEST(Decimal, Padded) {
  std::array<char, 9> room;
  write_padded(room.data(), 1234, 9);
  EXPECT_EQ(std::string_view(room.data(), 9), "000001234");
}

TEST(Hex, BytesAndNumbers) {
  std::array<char, 16> room;
  write_hex(room.data(), std::uint64_t{0x0123456789abcdef});
  EXPECT_EQ(std::string_view(room.data(), 16), "0123456789abcdef");
  write_hex(room.data(), std::string_view("\0\xff/", 3));
  EXPECT_EQ(std::string_view(room.data(), 6), "00ff2f");
}

TEST(ByteBuffer, KeepsWhatItHeldWhenItGrows) {
  ByteBuffer buffer;
  std::string expected;
  for (int i = 0; i < 10'000; ++i) {
    buffer.append(std::to_string(i));
    expected += std::to_string(i);
  }
  EXPECT_EQ(buffer.view(), expected);
}

TEST(ByteBuffer, DoesNotMoveOnceItIsLargeEnough) {
  ByteBuffer buffer;
  buffer.append(std::string(5000, 'x'));
  const char* before = buffer.data();
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  buffer.append(std::string(5000, 'y'));
  EXPECT_EQ(buffer.data(), before);
}

}  // namespace
}  // namespace gancho
