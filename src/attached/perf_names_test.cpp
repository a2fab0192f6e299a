// SPDX-License-Identifier: Apache-2.0
#include "attached/perf_names.h"

#include <gtest/gtest.h>
#include <linux/perf_event.h>

namespace gancho {
namespace {

TEST(PerfNames, AreThoseOfTheMap) {
  EXPECT_EQ(perf_name(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, "").text, "software:cpu-clock");
  EXPECT_EQ(perf_name(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, "").text,
            "software:bpf-output");
  EXPECT_EQ(perf_name(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, "").text, "cpu:cache-misses");
  EXPECT_EQ(perf_name(PERF_TYPE_HARDWARE, 0x400000001, "").text, "cpu:instructions");
  EXPECT_TRUE(perf_name(PERF_TYPE_SOFTWARE, 0, "").in_map);
}

TEST(PerfNames, OfWhatHasNoneAreNumbers) {
  EXPECT_EQ(perf_name(PERF_TYPE_SOFTWARE, 99, "").text, "type 1:0x63");
  EXPECT_EQ(perf_name(PERF_TYPE_RAW, 0x1c2, "").text, "cpu:raw 0x1c2");
  EXPECT_EQ(perf_name(11, 3, "msr").text, "msr:0x3");
  EXPECT_EQ(perf_name(77, 3, "").text, "type 77:0x3");
  EXPECT_FALSE(perf_name(77, 3, "").in_map);
}

TEST(PerfNames, KnowTheUnitsOfThisMachine) {
  EXPECT_EQ(perf_unit(PERF_TYPE_SOFTWARE), "");
  EXPECT_EQ(perf_unit(4000000000U), "");
}

}  // namespace
}  // namespace gancho
