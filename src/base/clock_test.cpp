// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>
#include <time.h>

#include <array>
#include <string>

namespace gancho {
namespace {

std::string stamp(std::int64_t unix_ns) {
  std::array<char, k_rfc3339_length> room;
  return {room.data(), write_rfc3339(room.data(), unix_ns)};
}

TEST(Rfc3339, KnownMoments) {
  EXPECT_EQ(stamp(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(stamp(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(stamp(951'782'400 * k_ns_per_second), "2000-02-29T00:00:00.000000000Z");
  EXPECT_EQ(stamp(INT64_MAX), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(stamp(INT64_MIN), "1677-09-21T00:12:43.145224192Z");
}

TEST(Rfc3339, AgreesWithTheLibraryOnEveryDay) {
  for (std::int64_t day = -100'000; day < 100'000; day += 13) {
    const time_t seconds = day * 86'400 + (day & 0xffff);
    tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> expected;
    ::strftime(expected.data(), expected.size(), "%Y-%m-%dT%H:%M:%S.000000000Z", &utc);
    ASSERT_EQ(stamp(seconds * k_ns_per_second), expected.data());
  }
}

TEST(WallClock, TurnsBootTimeIntoTheTimeOfDay) {
  const std::int64_t before = ::time(nullptr);
  const std::int64_t now = WallClock::now().unix_ns(boot_now_ns()) / k_ns_per_second;
  EXPECT_GE(now, before - 1);
  EXPECT_LE(now, ::time(nullptr) + 1);
}

TEST(WallClock, HostileTimesWrap) {
  EXPECT_EQ(WallClock{INT64_MAX}.unix_ns(UINT64_MAX), INT64_MAX - 1);
}

}  // namespace
}  // namespace gancho
