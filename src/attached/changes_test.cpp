// SPDX-License-Identifier: Apache-2.0
#include "attached/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Attached with(std::initializer_list<std::uint32_t> programs) {
  Attached snapshot;
  for (const std::uint32_t id : programs) snapshot.programs[id].id = id;
  return snapshot;
}

std::vector<std::uint32_t> ids(const std::vector<const ProgramFacts*>& programs) {
  std::vector<std::uint32_t> numbers;
  for (const ProgramFacts* one : programs) numbers.push_back(one->id);
  return numbers;
}

TEST(Changes, NothingIsBetweenTwoThatAreAlike) {
  Attached snapshot = with({3, 5});
  snapshot.attachments.push_back({.program = 3, .how = "fentry", .place = "vfs_read"});
  EXPECT_TRUE(changes_between(snapshot, snapshot).none());
}

TEST(Changes, ProgramsThatCameAndWent) {
  const Attached earlier = with({3, 5});
  const Attached later = with({5, 6, 7});
  const Changes changes = changes_between(earlier, later);
  EXPECT_THAT(ids(changes.loaded), ElementsAre(6, 7));
  EXPECT_THAT(ids(changes.unloaded), ElementsAre(3));
  EXPECT_EQ(changes.unseen, 0u);
}

TEST(Changes, IdsThatNobodyHasAreProgramsThatNobodySaw) {
  EXPECT_EQ(changes_between(with({3, 5}), with({5, 9})).unseen, 3u);
  EXPECT_EQ(changes_between(with({3, 9}), with({3, 5})).unseen, 0u)
      << "the counter has begun anew: nothing is known";
  EXPECT_EQ(changes_between(with({}), with({9})).unseen, 0u);
}

TEST(Changes, AProgramThatMovesGoesAndComes) {
  Attached earlier = with({3});
  Attached later = with({3});
  earlier.attachments.push_back(
      {.program = 3, .how = "xdp", .kind = PlaceKind::xdp, .place = "xdp eth0"});
  later.attachments.push_back(
      {.program = 3, .how = "xdp", .kind = PlaceKind::xdp, .place = "xdp eth1"});
  const Changes changes = changes_between(earlier, later);
  ASSERT_EQ(changes.gone.size(), 1u);
  EXPECT_EQ(changes.gone.front()->place, "xdp eth0");
  ASSERT_EQ(changes.come.size(), 1u);
  EXPECT_EQ(changes.come.front()->place, "xdp eth1");
  EXPECT_THAT(changes.loaded, IsEmpty());
}

TEST(Changes, TheSameNameInAnotherNamespaceIsAnotherPlace) {
  Attached earlier = with({3});
  Attached later = with({3});
  earlier.attachments.push_back({.program = 3, .how = "xdp", .place = "xdp eth0", .network = 1});
  later.attachments.push_back({.program = 3, .how = "xdp", .place = "xdp eth0", .network = 2});
  const Changes changes = changes_between(earlier, later);
  EXPECT_EQ(changes.gone.size(), 1u);
  EXPECT_EQ(changes.come.size(), 1u);
}

}  // namespace
}  // namespace gancho
