// SPDX-License-Identifier: Apache-2.0
#include "event/projection.h"

#include <fmt/format.h>

#include <optional>
#include <unordered_set>

#include "base/nearest.h"
#include "base/quote.h"
#include "event/room.h"

namespace gancho {
namespace {

std::optional<Selected> find_in(std::span<const FieldDesc> fields, std::string_view name) {
  for (const FieldDesc& field : fields) {
    if (field.name == name) return Selected{.field = &field, .value = true, .joined = false};
    if (!field.joined.empty() && field.joined == name)
      return Selected{.field = &field, .value = false, .joined = true};
  }
  return std::nullopt;
}

}  // namespace

std::span<const std::string_view> field_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    std::unordered_set<std::string_view> seen;
    const auto add = [&](std::span<const FieldDesc> fields) {
      for (const FieldDesc& field : fields)
        for (const std::string_view name : {field.name, field.joined})
          if (!name.empty() && seen.insert(name).second) all.push_back(name);
    };
    add(common_fields());
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events) add(event.fields);
    return all;
  }();
  return names;
}

Projection Projection::all() {
  Projection projection;
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      std::vector<Selected>& selected = projection.events_[event.type];
      selected.reserve(common_fields().size() + event.fields.size());
      for (const FieldDesc& field : common_fields()) selected.push_back({.field = &field});
      for (const FieldDesc& field : event.fields) selected.push_back({.field = &field});
    }
  }
  return projection;
}

Projection Projection::without_environments() {
  Projection projection = all();
  for (auto& [type, fields] : projection.events_)
    std::erase_if(fields, [](const Selected& one) { return one.field->of_environment; });
  return projection;
}

Result<Projection> Projection::create(std::span<const std::string_view> names) {
  Projection projection;
  for (const std::string_view name : names) {
    bool known = false;
    for (const Room* room : rooms()) {
      for (const EventDesc& event : room->events) {
        std::optional<Selected> found = find_in(common_fields(), name);
        if (!found) found = find_in(event.fields, name);
        if (!found) continue;
        projection.events_[event.type].push_back(*found);
        known = true;
      }
    }
    if (known) continue;
    const std::string hint = did_you_mean(name, field_names());
    return fail(Errc::usage, fmt::format("no event has a field called {}{}", in_quotes(name),
                                         hint.empty() ? "; gancho docs events lists them" : hint));
  }
  return projection;
}

OnDemand Projection::on_demand() const {
  OnDemand asked;
  for (const auto& [type, fields] : events_)
    for (const Selected& selected : fields) asked.add(*selected.field, type);
  return asked;
}

std::span<const Selected> Projection::fields(std::uint16_t type) const {
  const auto found = events_.find(type);
  return found == events_.end() ? std::span<const Selected>{} : found->second;
}

}  // namespace gancho
