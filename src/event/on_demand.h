// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side reads when somebody asks only: it costs the programs that are watched, or is
// nobody's business.
#pragma once

#include <cstdint>

#include "event/event_set.h"
#include "event/schema.h"

namespace gancho {

struct OnDemand {
  EventSet paths;            // of these events: those that are found by walking up from a file
  bool environment = false;  // of programs

  constexpr void add(const OnDemand& other) {
    paths.add(other.paths);
    environment = environment || other.environment;
  }
  // What reading this field of such an event takes.
  void add(const FieldDesc& field, std::uint16_t type);

  friend constexpr bool operator==(const OnDemand&, const OnDemand&) = default;
};

// Is it read from a path that the kernel side found by walking up from the file, the dearest part
// of a record?
[[nodiscard]] bool reads_path(const FieldDesc& field);

}  // namespace gancho
