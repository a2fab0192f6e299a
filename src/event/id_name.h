// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gancho {

// A user or a group.
struct IdName {
  std::uint32_t id = 0;
  std::string name;
  bool operator==(const IdName&) const = default;
};

// `names` sorted by id. Empty when there is none of that id.
[[nodiscard]] inline std::string_view find_name(const std::vector<IdName>& names,
                                                std::uint32_t id) {
  // The first one is root, whose most records are.
  if (!names.empty() && names.front().id == id) return names.front().name;
  const auto found = std::ranges::lower_bound(names, id, {}, &IdName::id);
  return found == names.end() || found->id != id ? std::string_view{} : found->name;
}

}  // namespace gancho
