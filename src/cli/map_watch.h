// SPDX-License-Identifier: Apache-2.0
//
// gancho map --watch: what is attached and loaded, and what is taken away, as it happens.
#pragma once

#include "cli/map_drawing.h"

namespace gancho {

// Until somebody ends it, or nobody reads any more. Looks about once a second, more seldom where a
// look takes long: at most a twentieth of one processor.
[[nodiscard]] Result<int> watch_map(const MapView& view, bool json);

}  // namespace gancho
