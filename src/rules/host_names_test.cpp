// SPDX-License-Identifier: Apache-2.0
#include "rules/host_names.h"

#include <gtest/gtest.h>

#include "rules/load.h"

namespace gancho::rules {
namespace {

IpAddress address(std::string_view text) {
  return parse_network(text)->address;
}

std::vector<std::string> asked(const std::string& condition) {
  const Loaded loaded = load_rules({{"r.yaml", "- rule: R\n  desc: d\n  condition: " + condition +
                                                   "\n  output: o\n  priority: INFO\n"}});
  EXPECT_TRUE(loaded.rules) << loaded.problems.kept()[0].message;
  return loaded.rules ? asked_host_names(*loaded.rules) : std::vector<std::string>{};
}

TEST(HostNames, WhatMayBeOne) {
  for (const std::string& name : {std::string("a"), std::string("db_1.example-x.org."),
                                  std::string("999.1"), std::string(253, 'a')})
    EXPECT_TRUE(is_host_name(name)) << name;
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a\n"), std::string("-a"),
        std::string("192.0.2.1"), std::string("a/8"), std::string("::1"), std::string(254, 'a')})
    EXPECT_FALSE(is_host_name(name)) << name;
}

TEST(HostNames, WhatIsAskedFor) {
  EXPECT_EQ(asked("evt.type = connect and (fd.sip.name = b or val(fd.cip.name) in (a, b, 192.0.2.1)"
                  " or fd.name = c)"),
            (std::vector<std::string>{"b", "a"}));
  std::string many = "evt.type = connect and fd.sip.name in (a0";
  for (int i = 1; i < 100; ++i) many += ", a" + std::to_string(i);
  EXPECT_EQ(asked(many + ")").size(), 100U);
  // Of a rule that does not run nothing is.
  EXPECT_TRUE(asked("evt.type = fork and fd.sip.name = a").empty());
}

TEST(HostNames, WhatWasFound) {
  HostNames hosts;
  hosts.add("b", address("192.0.2.1"));
  hosts.add("a", address("192.0.2.1"));
  hosts.add("b", address("192.0.2.1"));
  hosts.add("b", address("2001:db8::1"));
  EXPECT_EQ(hosts.addresses_of("b").size(), 2U);
  EXPECT_TRUE(hosts.addresses_of("c").empty());
  EXPECT_EQ(hosts.name_of(address("192.0.2.1")), "b");
  EXPECT_EQ(hosts.name_of(address("192.0.2.2")), "");
  for (int i = 0; i < 100; ++i) hosts.add("many", address("10.0.0." + std::to_string(i)));
  EXPECT_EQ(hosts.addresses_of("many").size(), k_most_host_addresses);
  const HostNames copy = hosts;
  EXPECT_EQ(copy.name_of(address("2001:db8::1")), "b");
  EXPECT_EQ(print_address(address("2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(print_address(address("::ffff:192.0.2.1")), "192.0.2.1");
}

}  // namespace
}  // namespace gancho::rules
