// SPDX-License-Identifier: Apache-2.0
#include "event/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "latency_slots.h"

namespace gancho {
namespace {

using Slots = std::array<__u64, LATENCY_SLOTS>;

TEST(LatencySlots, EveryDurationLiesInItsSlot) {
  for (unsigned power = 0; power < 64; ++power)
    for (const std::uint64_t ns :
         {std::uint64_t{1} << power, (std::uint64_t{1} << power) - 1,
          (std::uint64_t{3} << power) >> 1, ((std::uint64_t{3} << power) >> 1) - 1}) {
      const unsigned slot = latency_slot(ns);
      ASSERT_LT(slot, unsigned{LATENCY_SLOTS});
      EXPECT_GE(ns, latency_slot_begin(slot)) << ns;
      if (slot + 1 < LATENCY_SLOTS) {
        EXPECT_LT(ns, latency_slot_begin(slot + 1)) << ns;
      }
    }
  EXPECT_EQ(latency_slot(0), 0U);
  EXPECT_EQ(latency_slot(~0ULL), unsigned{LATENCY_SLOTS - 1});
}

TEST(LatencySlots, TheyFollowEachOtherWithinHalf) {
  for (unsigned slot = 1; slot < LATENCY_SLOTS; ++slot) {
    EXPECT_GT(latency_slot_begin(slot), latency_slot_begin(slot - 1));
    EXPECT_LE(latency_slot_begin(slot + 1) * 2, latency_slot_begin(slot) * 3);
  }
}

TEST(LatencyQuantile, OfNothingIsNothing) {
  EXPECT_EQ(latency_quantile(Slots{}, 0.99, 0), 0U);
}

TEST(LatencyQuantile, OfOneIsThatOne) {
  Slots slots{};
  slots[latency_slot(20'000'123)] = 1;
  EXPECT_EQ(latency_quantile(slots, 0.99, 20'000'123), 20'000'123U);
}

TEST(LatencyQuantile, OneInAHundredIsAboveIt) {
  Slots slots{};
  slots[latency_slot(100)] = 99;
  slots[latency_slot(1'000'000)] = 1;
  EXPECT_LT(latency_quantile(slots, 0.99, 1'000'000), 200U);
  slots[latency_slot(1'000'000)] = 2;
  EXPECT_GT(latency_quantile(slots, 0.99, 1'000'000), 500'000U);
}

TEST(LatencyQuantile, TheLastSlotEndsWithTheLongest) {
  Slots slots{};
  slots[LATENCY_SLOTS - 1] = 1;
  EXPECT_EQ(latency_quantile(slots, 0.99, 1ULL << 50), 1ULL << 50);
}

// Against sorting, with durations of all magnitudes.
TEST(LatencyQuantile, IsOffByHalfAtMost) {
  std::mt19937_64 random(4711);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = 1 + random() % 2000;
    const double middle = 7.0 + static_cast<double>(random() % 25);
    std::lognormal_distribution<double> durations(middle / 1.44, 1.0);
    Slots slots{};
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(64 + static_cast<std::uint64_t>(durations(random)));
      ++slots[latency_slot(all.back())];
    }
    std::ranges::sort(all);
    for (const double share : {0.5, 0.9, 0.99}) {
      const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(count)));
      const auto exact = static_cast<double>(all[place - 1]);
      const auto said = static_cast<double>(latency_quantile(slots, share, all.back()));
      EXPECT_GE(said, exact / 1.5);
      EXPECT_LE(said, exact * 1.5);
    }
  }
}

}  // namespace
}  // namespace gancho
