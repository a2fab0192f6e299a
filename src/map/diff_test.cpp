// SPDX-License-Identifier: Apache-2.0
#include "map/diff.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

using Entry = MapDocument::Entry;
using What = MapDifference::What;

Entry function(std::string name, bool fentry, Subsystem subsystem = Subsystem::vfs) {
  return {.kind = PlaceKind::function,
          .name = std::move(name),
          .subsystem = subsystem,
          .module = "",
          .fentry = fentry,
          .kprobe = true};
}
Entry tracepoint(std::string name) {
  return {.kind = PlaceKind::tracepoint,
          .name = std::move(name),
          .subsystem = Subsystem::process,
          .module = ""};
}

MapDocument first() {
  return {.release = "6.1",
          .missing = {},
          .places = {tracepoint("sched:a"), tracepoint("sched:b"), function("vfs_gone", true),
                     function("vfs_same", true), function("vfs_shut", true)}};
}
MapDocument second() {
  return {.release = "6.12",
          .missing = {},
          .places = {tracepoint("sched:b"), tracepoint("sched:c"), function("vfs_same", true),
                     function("vfs_shut", false), function("vfs_young", true)}};
}

TEST(MapDiff, TellsWhatOneHasThatTheOtherHasNot) {
  const auto differences = compare(first(), second());
  ASSERT_EQ(differences.size(), 5U);
  EXPECT_EQ(differences[0].name, "sched:a");
  EXPECT_EQ(differences[0].what, What::only_first);
  EXPECT_EQ(differences[1].name, "sched:c");
  EXPECT_EQ(differences[1].what, What::only_second);
  EXPECT_EQ(differences[2].name, "vfs_gone");
  EXPECT_EQ(differences[2].what, What::only_first);
  EXPECT_EQ(differences[3].name, "vfs_shut");
  EXPECT_EQ(differences[3].what, What::changed);
  EXPECT_EQ(differences[3].how, "fentry no longer");
  EXPECT_EQ(differences[4].name, "vfs_young");
  EXPECT_EQ(differences[4].what, What::only_second);
}

TEST(MapDiff, IsTheMirrorTheOtherWayRound) {
  const auto there = compare(first(), second());
  const auto back = compare(second(), first());
  ASSERT_EQ(there.size(), back.size());
  for (std::size_t i = 0; i < there.size(); ++i) {
    EXPECT_EQ(there[i].name, back[i].name);
    EXPECT_EQ(there[i].what == What::only_first, back[i].what == What::only_second);
  }
  EXPECT_TRUE(compare(first(), first()).empty());
}

TEST(MapDiff, DoesNotTakeIgnoranceForAbsence) {
  MapDocument blind = second();
  blind.missing = {"tracepoints", "traceable"};
  blind.places.erase(blind.places.begin(), blind.places.begin() + 2);
  for (const MapDifference& one : compare(first(), blind)) {
    EXPECT_NE(one.kind, PlaceKind::tracepoint);
    EXPECT_NE(one.name, "vfs_shut");
  }
  EXPECT_EQ(left_out(first(), blind), std::vector<PlaceKind>{PlaceKind::tracepoint});
}

TEST(MapDiff, TellsOfAnotherSubsystemOrModule) {
  MapDocument moved = first();
  moved.places[3].subsystem = Subsystem::memory;
  moved.places[4].module = "built_out";
  const auto differences = compare(first(), moved);
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[0].how, "subsystem vfs -> memory");
  EXPECT_EQ(differences[1].what, What::only_first);
  EXPECT_EQ(differences[2].module, "built_out");
}

TEST(MapDiff, TellsWhatHangsInOneOnly) {
  MapDocument before = first();
  MapDocument after = second();
  const MapDocument::Hanging stays{"fentry", "vfs_read", "", "count", "aa"};
  const MapDocument::Hanging goes{"xdp", "xdp eth0", "generic", "drop", "bb"};
  const MapDocument::Hanging comes{"xdp", "xdp eth0", "native", "drop", "bb"};
  before.attached = {stays, stays, goes};
  after.attached = {stays, comes};
  const AttachedDifferences differences = compare_attached(before, after);
  EXPECT_EQ(differences.only_first, (std::vector{stays, goes})) << "one of two alike has gone";
  EXPECT_EQ(differences.only_second, std::vector{comes});

  before.missing = {"attached"};
  EXPECT_TRUE(compare_attached(before, after).left_out);
  EXPECT_TRUE(compare_attached(before, after).only_second.empty());
}

TEST(MapDiff, ReadsWhatHangs) {
  const auto map = parse_map(R"({"format":1,"kernel":{"release":"6.12"},"missing":[],"places":[],
    "attached":{"programs":[{"id":7,"name":"count","tag":"aa"}],
    "attachments":[{"program":7,"how":"fentry","place":"vfs_read"},{"program":8,"how":"xdp"},5]}})");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->attached,
            (std::vector{MapDocument::Hanging{"fentry", "vfs_read", "", "count", "aa"}}));
}

}  // namespace
}  // namespace gancho
