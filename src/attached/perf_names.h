// SPDX-License-Identifier: Apache-2.0
//
// A perf event's name, as the map has it: "software:page-faults", "cpu:cycles".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gancho {

struct PerfName {
  std::string text;
  bool in_map = false;  // as the inventory names it; else it is what a person needs
};

// By the fields `type` and `config` of its perf_event_attr. `unit`: the name of the counter whose
// type it is, "" for one of the kernel's fixed types. Pure.
[[nodiscard]] PerfName perf_name(std::uint32_t type, std::uint64_t config, std::string_view unit);

// Of /sys/bus/event_source/devices: "msr"; "" for a fixed type, or one that is gone.
[[nodiscard]] std::string perf_unit(std::uint32_t type);

}  // namespace gancho
