// SPDX-License-Identifier: Apache-2.0
#include "support/account.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gancho::test {

ClassAccount account_of(const Ended& ended, std::string_view class_name) {
  const auto* value = ended.account.if_contains(class_name);
  if (value == nullptr) return {};
  const Event& one = value->as_object();
  return {.offered = number_of(one, "offered"),
          .delivered = number_of(one, "delivered"),
          .lost_ring = number_of(one, "lost_ring"),
          .lost_slot = number_of(one, "lost_slot"),
          .filtered = number_of(one, "filtered")};
}

Numbers numbers_of(const std::vector<Event>& events, std::string_view class_name) {
  Numbers numbers;
  std::map<std::int64_t, std::set<std::int64_t>> seen;
  for (const Event& event : events) {
    if (text_of(event, "evt.class") != class_name) continue;
    const std::int64_t cpu = number_of(event, "evt.cpu");
    if (text_of(event, "evt.type") == "lost") {
      numbers.lost[cpu] += number_of(event, "lost.count");
    } else if (seen[cpu].insert(number_of(event, "evt.num")).second) {
      ++numbers.records;
    } else {
      ++numbers.duplicates;
    }
  }
  for (const auto& [cpu, set] : seen)
    numbers.gaps[cpu] = set.empty() ? 0 : *set.rbegin() + 1 - static_cast<std::int64_t>(set.size());
  return numbers;
}

void expect_balance(const Ended& ended) {
  ASSERT_FALSE(ended.account.empty()) << ended.error;
  for (const char* name : {"vital", "bulk"}) {
    const ClassAccount account = account_of(ended, name);
    const Numbers numbers = numbers_of(ended.events, name);
    std::int64_t lost = 0;
    for (const auto& [cpu, count] : numbers.lost) lost += count;
    EXPECT_EQ(account.offered, account.delivered + account.lost()) << name;
    EXPECT_EQ(numbers.records, account.delivered) << name;
    EXPECT_EQ(numbers.duplicates, 0) << name;
    EXPECT_EQ(lost, account.lost()) << name;
  }
}

}  // namespace gancho::test
