// SPDX-License-Identifier: Apache-2.0
//
// One hook: what it is, how programs are attached there, its arguments, who of Gancho uses it, an
// example.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/map_attached.h"
#include "cli/map_drawing.h"
#include "map/uses.h"

namespace gancho {

// `places` are those that find_places() found for one name; `seen` is null when nobody has looked
// at what is attached.
[[nodiscard]] std::string hook_page(const Inventory& inventory,
                                    const std::vector<const Place*>& places,
                                    const std::vector<HookUse>& uses, const AttachedView* seen,
                                    const MapView& view);

// The same for machines (docs/map.md).
[[nodiscard]] std::string hook_json(const Inventory& inventory,
                                    const std::vector<const Place*>& places,
                                    const AttachedView* seen);

}  // namespace gancho
