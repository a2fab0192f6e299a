// SPDX-License-Identifier: Apache-2.0
//
// Programs that are attached to many functions. The build writes the list of points from hooks.list
// (generated/probe_points.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace gancho {

struct ProbePoint {
  std::string_view name;     // as a room's signals call it: "probe__do_unlinkat"
  std::string_view program;  // in the BPF object: "probe__call_enter"
  const char* function;      // the kernel's; nullptr: it is known when the agent runs only
  std::uint64_t cookie;      // what tells the program which function it was called for
  bool where_present;        // left out on a kernel that lacks the function
};

}  // namespace gancho
