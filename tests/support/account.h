// SPDX-License-Identifier: Apache-2.0
//
// The books: what --stats ends with against what the output holds.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "support/agent.h"

namespace gancho::test {

// One class of the account; the sums that must hold are equalities.
struct ClassAccount {
  std::int64_t offered = 0;
  std::int64_t delivered = 0;
  std::int64_t lost_ring = 0;
  std::int64_t lost_slot = 0;
  std::int64_t filtered = 0;
  [[nodiscard]] std::int64_t lost() const { return lost_ring + lost_slot; }
};

[[nodiscard]] ClassAccount account_of(const Ended& ended, std::string_view class_name);

// The records of one class in an output: what the numbers say by themselves.
struct Numbers {
  std::int64_t records = 0;
  std::int64_t duplicates = 0;                // same (CPU, number) again
  std::map<std::int64_t, std::int64_t> gaps;  // by CPU: numbers below the highest that are missing
  std::map<std::int64_t, std::int64_t> lost;  // by CPU: sum of the "lost" lines
};
[[nodiscard]] Numbers numbers_of(const std::vector<Event>& events, std::string_view class_name);

// Checks with EXPECT that the account of every class balances, and that the output agrees with it:
// as many records as were delivered, as many lost as its "lost" lines say.
void expect_balance(const Ended& ended);

}  // namespace gancho::test
