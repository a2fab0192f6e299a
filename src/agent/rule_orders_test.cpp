// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_orders.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

using rules::parse_network;

TEST(RuleOrders, AreReadAsTheyWereWritten) {
  RuleOrders orders{.matching = rules::Matching::all,
                    .min_priority = rules::Priority::warning,
                    .limits = {},
                    .redact = {"a\nb", ""},
                    .bundle = "7\nbundle"};
  orders.hosts.add("db.example.org", parse_network("192.0.2.1")->address);
  orders.hosts.add("db.example.org", parse_network("2001:db8::1")->address);
  orders.hosts.add("web", parse_network("192.0.2.2")->address);
  const std::string text = write_orders(orders);
  const auto read = read_orders(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->matching, orders.matching);
  EXPECT_EQ(read->min_priority, orders.min_priority);
  EXPECT_EQ(read->redact, orders.redact);
  EXPECT_EQ(read->bundle, orders.bundle);
  EXPECT_EQ(read->hosts.addresses_of("db.example.org").size(), 2U);
  EXPECT_EQ(read->hosts.name_of(parse_network("192.0.2.2")->address), "web");
  EXPECT_EQ(write_orders(*read), text);
  for (std::size_t cut = 0; cut < text.size() - orders.bundle.size(); ++cut)
    EXPECT_FALSE(read_orders(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace gancho
