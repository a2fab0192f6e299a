// SPDX-License-Identifier: Apache-2.0
//
// One subsystem opened: what it does, its hooks by kind, what Gancho hooks of it, what to try.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/map_attached.h"
#include "cli/map_drawing.h"
#include "map/uses.h"

namespace gancho {

struct SubsystemView {
  MapView map;
  bool names = false;
  std::string filter;  // "vfs_*", as a shell has it; "" for all. Names are shown where there is one
  const AttachedView* seen = nullptr;  // null when nobody has looked
};

[[nodiscard]] std::string subsystem_page(const Inventory& inventory,
                                         const std::vector<HookUse>& uses, Subsystem subsystem,
                                         const SubsystemView& view);

}  // namespace gancho
