// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <gtest/gtest.h>

#include <string>

#include "enrich/known_facts.h"

namespace gancho {
namespace {

ContainerInfo named(const std::string& name) {
  return {.found = true, .name = name};
}

TEST(ContainerTable, TheOneNotUsedLongestGivesWay) {
  ContainerTable table(2);
  table.put(1, named("one"));
  table.put(2, named("two"));
  ASSERT_NE(table.use(1), nullptr);
  table.put(3, named("three"));
  EXPECT_EQ(table.find(2), nullptr);
  ASSERT_NE(table.find(1), nullptr);
  EXPECT_EQ(table.find(1)->name, "one");
  EXPECT_EQ(table.find(3)->name, "three");
  EXPECT_EQ(table.evicted(), 1U);
  EXPECT_EQ(table.size(), 2U);
}

TEST(ContainerTable, AnEntryIsReplaced) {
  ContainerTable table(2);
  table.put(1, named("one"));
  const std::size_t bytes = table.bytes();
  table.put(1, named("uno"));
  EXPECT_EQ(table.find(1)->name, "uno");
  EXPECT_EQ(table.bytes(), bytes);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.evicted(), 0U);
}

TEST(ContainerTable, BytesAreBoundedToo) {
  ContainerTable table(1000, 100'000);
  for (std::uint64_t id = 1; id <= 100; ++id) {
    ContainerInfo info = named("c");
    info.users.assign(100, {.id = 1, .name = std::string(100, 'u')});
    table.put(id, std::move(info));
    EXPECT_LE(table.bytes(), 100'000U);
  }
  EXPECT_GT(table.size(), 1U);
  EXPECT_EQ(table.size() + table.evicted(), 100U);
  EXPECT_NE(table.find(100), nullptr);
}

TEST(KnownFacts, TellsNamesByWhereATaskRuns) {
  const UserTable users = UserTable::parse("root:x:0:0\nalice:x:1000:1000\n", "wheel:x:0:\n");
  ContainerTable table(8);
  table.put(7, {.found = true, .users = {{1000, "web"}}, .groups = {{0, "root"}}});
  KnownFacts facts;
  facts.set(&users);
  facts.set(&table);
  const ev_container inside{
      .cgroup_id = 7, .id = {}, .runtime = 0, .flags = EV_CONTAINER_KNOWN, .owner = 0, .mnt_ns = 5};
  ev_container entered = inside;
  entered.flags |= EV_CONTAINER_MACHINE;
  ev_container other = inside;
  other.cgroup_id = 8;
  EXPECT_EQ(facts.user(1000, ev_container{}), "alice");
  EXPECT_EQ(facts.user(1000, inside), "web");
  EXPECT_EQ(facts.user(0, inside), "");
  EXPECT_EQ(facts.group(0, inside), "root");
  EXPECT_EQ(facts.user(1000, entered), "alice");
  EXPECT_EQ(facts.group(0, entered), "wheel");
  EXPECT_EQ(facts.user(1000, other),
            "");  // nothing is known of it: no name is better than a wrong one
}

}  // namespace
}  // namespace gancho
