// SPDX-License-Identifier: Apache-2.0
//
// Which fields of which event are shown, and in which order: all of them, or those that were asked
// for. Immutable once made; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/on_demand.h"
#include "event/schema.h"

namespace gancho {

// One field and which of its two forms: its own value, and the name that is joined to it.
struct Selected {
  const FieldDesc* field;
  bool value = true;
  bool joined = true;
};

// Every name of a field that some event has, each once, in the order of the schema; a joined name
// behind the field that it is joined to.
[[nodiscard]] std::span<const std::string_view> field_names();

class Projection {
 public:
  // Every field of every event, the common ones first, in the order of the schema.
  [[nodiscard]] static Projection all();
  // But for environments, which are nobody's business unless he asks for them.
  [[nodiscard]] static Projection without_environments();
  // The named ones, in the order given; an event that lacks one of them leaves it out. Refuses a
  // name that no event has.
  [[nodiscard]] static Result<Projection> create(std::span<const std::string_view> names);

  // Empty for an event that nobody describes.
  [[nodiscard]] std::span<const Selected> fields(std::uint16_t type) const;
  // What showing them takes.
  [[nodiscard]] OnDemand on_demand() const;
  [[nodiscard]] const std::map<std::uint16_t, std::vector<Selected>>& events() const {
    return events_;
  }

 private:
  std::map<std::uint16_t, std::vector<Selected>> events_;
};

}  // namespace gancho
