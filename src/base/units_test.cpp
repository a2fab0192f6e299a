// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("4096"), 4096U);
  EXPECT_EQ(parse_bytes("17B"), 17U);
  EXPECT_EQ(parse_bytes("512KiB"), 512U << 10);
  EXPECT_EQ(parse_bytes("2MiB"), 2U << 20);
  EXPECT_EQ(parse_bytes("1.5GiB"), 3ULL << 29);
  EXPECT_EQ(parse_bytes("18446744073709551615"), UINT64_MAX);
}

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("20ms"), 20ms);
  EXPECT_EQ(parse_duration("0.25s"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
}

TEST(Units, RefusesWhatIsNotASize) {
  for (const char* text : {"",
                           "x",
                           "MiB",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "1 MiB",
                           "2MB",
                           "2M",
                           "2mib",
                           "1.MiB",
                           ".5MiB",
                           "0.3KiB",
                           "1.5",
                           "0x10",
                           "1e3",
                           "18446744073709551616",
                           "17179869184GiB",
                           "1.0000000000000MiB"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
  EXPECT_EQ(parse_bytes("2MB").error().message,
            "\"2MB\" is not a size; write 4096, 512KiB, 2MiB or 1GiB");
  EXPECT_EQ(parse_bytes("17179869184GiB").error().message,
            "\"17179869184GiB\" is too large a size");
}

TEST(Units, RefusesWhatIsNotADuration) {
  for (const char* text :
       {"", "10", "0", "s", "-1s", "1.5ns", "10sec", "1h30m", "9999999999999h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("9999999999999h").error().message,
            "\"9999999999999h\" is too long a duration");
}

TEST(Units, RefusesWhatIsNotACount) {
  EXPECT_EQ(parse_count("12"), 12U);
  for (const char* text : {"", "-1", "1.5", "1k", "18446744073709551616"})
    EXPECT_FALSE(parse_count(text)) << text;
}

TEST(Units, PrintsInTheLargestUnitThatIsExact) {
  EXPECT_EQ(print_bytes(2U << 20), "2MiB");
  EXPECT_EQ(print_bytes(1536U << 10), "1536KiB");
  EXPECT_EQ(print_bytes(4097), "4097");
  EXPECT_EQ(print_bytes(0), "0");
  EXPECT_EQ(print_duration(20ms), "20ms");
  EXPECT_EQ(print_duration(120s), "2m");
  EXPECT_EQ(print_duration(1500ms), "1500ms");
  EXPECT_EQ(print_duration(0s), "0s");
}

TEST(Units, ReadsBackWhatItPrints) {
  for (std::uint64_t value = 1; value < 1ULL << 62; value = value * 3 + 1) {
    EXPECT_EQ(parse_bytes(print_bytes(value)), value);
    const std::chrono::nanoseconds duration(static_cast<std::int64_t>(value));
    EXPECT_EQ(parse_duration(print_duration(duration)), duration);
  }
}

}  // namespace
}  // namespace gancho
