// SPDX-License-Identifier: Apache-2.0
#include "agent/host_lookup.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "base/clock.h"
#include "support/sanitized.h"

namespace gancho {
namespace {

using rules::parse_network;

TEST(HostLookup, FindsWhatTheMachineKnows) {
  if (test::k_sanitized) GTEST_SKIP() << "the cage refuses what a sanitizer asks of threads";
  const auto found = look_up_hosts({"localhost", "no-such-host.invalid"});
  ASSERT_TRUE(found) << found.error().message;
  const auto addresses = found->addresses_of("localhost");
  ASSERT_FALSE(addresses.empty());
  for (const rules::IpAddress& address : addresses)
    EXPECT_TRUE(address == parse_network("127.0.0.1")->address ||
                address == parse_network("::1")->address);
  EXPECT_TRUE(found->addresses_of("no-such-host.invalid").empty());
}

TEST(HostLookup, ANameThatNobodyAnswersForTakesNobodysTime) {
  if (test::k_sanitized) GTEST_SKIP() << "the cage refuses what a sanitizer asks of threads";
  const std::uint64_t begin = boot_now_ns();
  const auto found = look_up_hosts({"a", "silent", "b"}, [](const std::string& name) {
    if (name == "silent") ::poll(nullptr, 0, -1);
    return std::vector<std::string>{name == "a" ? "192.0.2.1" : "2001:db8::b", "192.0.2.9"};
  });
  const std::uint64_t took = boot_now_ns() - begin;
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->addresses_of("a").size(), 2U);
  EXPECT_EQ(found->addresses_of("b").size(), 2U);
  EXPECT_TRUE(found->addresses_of("silent").empty());
  EXPECT_EQ(found->name_of(parse_network("2001:db8::b")->address), "b");
  EXPECT_GE(took, 1'900'000'000U);
  EXPECT_LT(took, 6'000'000'000U);
}

// It has heard from the network: what it says is looked at.
TEST(HostLookup, NonsenseIsNoAddress) {
  if (test::k_sanitized) GTEST_SKIP() << "the cage refuses what a sanitizer asks of threads";
  const auto found = look_up_hosts({"a", "b"}, [](const std::string& name) {
    if (name == "b") return std::vector<std::string>{"192.0.2.1\nc 192.0.2.2", "x"};
    return std::vector<std::string>(3000, "192.0.2.300");
  });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->addresses_of("a").empty());
  EXPECT_EQ(found->addresses_of("b").size(), 1U);
  EXPECT_TRUE(found->addresses_of("c").empty());
  EXPECT_TRUE(look_up_hosts({}).value().addresses_of("a").empty());
}

}  // namespace
}  // namespace gancho
