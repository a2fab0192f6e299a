// SPDX-License-Identifier: Apache-2.0
#include "agent/field_list.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gancho {

FieldList FieldList::of(std::span<const std::string> names, bool environments) {
  FieldList list;
  list.environments = environments;
  const std::span<const std::string_view> all = field_names();
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(all, name);
    if (found == all.end() || list.count == k_fields_max) continue;
    list.ids[list.count++] = static_cast<std::uint16_t>(found - all.begin());
  }
  return list;
}

Projection FieldList::projection() const {
  if (count == 0) return environments ? Projection::all() : Projection::without_environments();
  const std::span<const std::string_view> all = field_names();
  std::vector<std::string_view> names;
  for (const std::uint16_t id : std::span(ids).first(count)) names.push_back(all[id]);
  // Nobody but ourselves gives places that are not there.
  return Projection::create(names).value();
}

}  // namespace gancho
