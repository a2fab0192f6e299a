// SPDX-License-Identifier: Apache-2.0
//
// The agent as anybody else's: its programs with their places, and with it as their owner.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <set>

#include "attached/read_attached.h"
#include "attached/standing.h"
#include "attached/type_words.h"
#include "support/agent.h"

namespace gancho::test {
namespace {

using testing::IsEmpty;

bool owned(const Holders& holders, pid_t by) {
  return std::ranges::find(holders.owners, by, &Owner::pid) != holders.owners.end();
}

TEST(AttachedAgent, OwnsItsProgramsMapsAndLinks) {
  const auto before = read_attached();
  ASSERT_TRUE(before) << before.error().message;
  Agent agent({"watch", "exec", "files", "privilege", "-o", "json"});
  const auto begin = std::chrono::steady_clock::now();
  const auto found = read_attached();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(found) << found.error().message;
  std::cout << found->programs.size() << " programs, " << found->attachments.size()
            << " attachments in " << took.count() << " s\n";
  EXPECT_LT(took.count(), 2.0);
  EXPECT_THAT(found->blanks, IsEmpty());

  std::size_t programs = 0;
  std::set<std::string> names;
  for (const auto& [id, program] : found->programs) {
    if (before->programs.contains(id)) continue;
    ++programs;
    names.insert(program.name);
    // Some it has let go of once they were attached: then their links are its own.
    const auto is_link_of = [&](const auto& link) {
      return link.second.program == id && owned(link.second.holders, agent.keeper());
    };
    EXPECT_TRUE(owned(program.holders, agent.keeper()) ||
                std::ranges::any_of(found->links, is_link_of))
        << program.name;
  }
  EXPECT_GT(programs, 20U);
  // Longer than the kernel's own names.
  EXPECT_TRUE(names.contains("tp_btf__sched_process_exec")) << testing::PrintToString(names);
  for (const auto& [id, map] : found->maps) {
    if (before->maps.contains(id)) continue;
    EXPECT_TRUE(owned(map.holders, agent.keeper())) << map.name;
  }
  std::size_t links = 0;
  for (const auto& [id, link] : found->links) {
    if (before->links.contains(id)) continue;
    ++links;
    EXPECT_TRUE(owned(link.holders, agent.keeper())) << id;
    const auto at = std::ranges::find(found->attachments, id, &Attachment::link);
    ASSERT_NE(at, found->attachments.end()) << link_type_word(link.type) << " link " << id;
    EXPECT_NE(at->place, "") << at->how << " " << at->detail;
    EXPECT_EQ(at->program, link.program);
  }
  EXPECT_GT(links, 20U);
  const auto exec = [](const Attachment& one) {
    return one.how == "tp_btf" && one.place == "sched_process_exec" &&
           one.kind == PlaceKind::btf_tracepoint;
  };
  EXPECT_TRUE(std::ranges::any_of(found->attachments, exec));

  agent.stop();
  const auto after = read_attached();
  ASSERT_TRUE(after);
  for (const auto& [id, program] : after->programs)
    EXPECT_FALSE(owned(program.holders, agent.keeper()));
}

}  // namespace
}  // namespace gancho::test
