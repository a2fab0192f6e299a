// SPDX-License-Identifier: Apache-2.0
//
// What one kernel has that another has not, of two documents of gancho map --json. Pure.
#pragma once

#include <string>
#include <vector>

#include "map/map_json.h"

namespace gancho {

struct MapDifference {
  enum class What : std::uint8_t { only_first, only_second, changed };
  What what{};
  PlaceKind kind{};
  Subsystem subsystem{};  // of the second where both have it
  std::string name;
  std::string module;
  std::string how;  // changed: "subsystem memory -> vfs", "fentry no longer"
};

// By kind and name. Kinds that one of the two could not read are left out: not knowing is no
// difference.
[[nodiscard]] std::vector<MapDifference> compare(const MapDocument& first,
                                                 const MapDocument& second);

// What hangs in only one of the two; none when one of them could not see it.
struct AttachedDifferences {
  std::vector<MapDocument::Hanging> only_first;
  std::vector<MapDocument::Hanging> only_second;
  bool left_out = false;
};
[[nodiscard]] AttachedDifferences compare_attached(const MapDocument& first,
                                                   const MapDocument& second);

// Kinds that were left out: "tracepoint".
[[nodiscard]] std::vector<PlaceKind> left_out(const MapDocument& first, const MapDocument& second);

}  // namespace gancho
