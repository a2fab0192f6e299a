// SPDX-License-Identifier: Apache-2.0
//
// Which places Gancho itself hooks, and for which events: read off the rooms' tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "map/inventory.h"

namespace gancho {

struct HookUse {
  std::string_view how;     // "fexit", "tp_btf", "retsyscall"
  std::string_view target;  // "do_filp_open", "sched_process_exec", "openat"
  Subsystem subsystem{};
  std::vector<std::string_view> serves;  // names of events; else what the signal means
};

// By subsystem, then by target. A hook that this kernel does not have is there too: another may be
// taken for it (docs/hooks.md).
[[nodiscard]] std::vector<HookUse> hooks_of_gancho(const Inventory& inventory);

// Is it such a place that the use hooks?
[[nodiscard]] bool hooks(const HookUse& use, const Place& place);

}  // namespace gancho
