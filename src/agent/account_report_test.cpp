// SPDX-License-Identifier: Apache-2.0
#include "agent/account_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AccountReport, IsOneLineOfJson) {
  AccountReport report;
  report.classes[EV_CLASS_VITAL] = {.offered = 10, .lost_ring = 2, .lost_slot = 1, .filtered = 4};
  report.delivered[EV_CLASS_VITAL] = 7;
  report.fullest[EV_CLASS_VITAL] = 99;
  report.events = 7;
  report.wakeups = 3;
  report.forced = 2;
  report.lineage_lost = 1;
  report.holdings.processes_evicted = 8;
  report.holdings.programs_trimmed = 9;
  report.holdings.environments_dropped = 8;
  EXPECT_EQ(
      to_json(report),
      R"({"evt.type":"account","vital":{"offered":10,"delivered":7,"lost_ring":2,"lost_slot":1,"filtered":4,"ring_fullest":99},)"
      R"("bulk":{"offered":0,"delivered":0,"lost_ring":0,"lost_slot":0,"filtered":0,"ring_fullest":0},)"
      R"("events":7,"wakeups":3,"wakeups_forced":2,"lineage_lost":1,)"
      R"("container_lost":0,"containers_unknown":0,"containers_evicted":0,)"
      R"("containers_forgotten":0,"containers_unasked":0,"processes_evicted":8,)"
      R"("processes_refused":0,"programs_trimmed":9,"environments_dropped":8,"handed_lost":0,"skipped":{}})");
  report.skipped = {{"fexit__alloc_bprm", 5}, {"iter__task", 6}};
  EXPECT_TRUE(to_json(report).ends_with(R"("skipped":{"fexit__alloc_bprm":5,"iter__task":6}})"));
}

TEST(AccountReport, SaysEachKindOfLossInALineAndNothingWithoutLoss) {
  AccountReport report;
  report.classes[EV_CLASS_BULK] = {.offered = 10, .lost_ring = 0, .lost_slot = 0, .filtered = 4};
  EXPECT_THAT(losses(report), IsEmpty());
  report.classes[EV_CLASS_BULK].lost_ring = 3;
  report.classes[EV_CLASS_BULK].lost_slot = 1;
  report.lineage_lost = 2;
  report.container_lost = 4;
  report.handed_lost = 6;
  report.holdings.containers_unknown = 5;  // no loss: said in the events themselves
  report.skipped = {{"fexit__alloc_bprm", 5}};
  EXPECT_THAT(losses(report),
              ElementsAre("lost 3 of 10 bulk records: the ring was full (rings.bulk)",
                          "lost 1 of 10 bulk records: no free record slot",
                          "the kernel skipped 5 runs of fexit__alloc_bprm",
                          "2 processes have no lineage: the kernel had no storage for it",
                          "4 cgroups of containers found no room (containers.max): where no "
                          "container is named, there may be one",
                          "6 descriptors found no room: they are not known to be handed over"));
}

}  // namespace
}  // namespace gancho
