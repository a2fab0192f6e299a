// SPDX-License-Identifier: Apache-2.0
//
// A snapshot laid over the map: of which subsystem an attachment is, and what hangs at a place.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "attached/attached.h"
#include "attached/cost.h"
#include "map/inventory.h"

namespace gancho {

// The place's; of what the inventory does not have (another namespace's interface, a socket) that
// of its kind. `core` for what belongs to BPF itself: tail calls, programs that replace others.
[[nodiscard]] Subsystem subsystem_of(const Inventory& inventory, const Attachment& attachment);

// Those that are at this place, in our network namespace.
[[nodiscard]] std::vector<const Attachment*> attached_at(const Attached& attached,
                                                         const Place& place);

// By subsystem: programs that are attached, each counted once in each, and what they take of a
// processor. Counted by the kernel is the program, not the place: the cost stands where the first
// of its attachments is.
struct AttachedFigures {
  std::array<std::size_t, k_subsystems> programs{};
  std::optional<std::array<double, k_subsystems>> share{};  // of one processor
};
[[nodiscard]] AttachedFigures figures_of(const Inventory& inventory, const Attached& attached,
                                         const std::optional<Costs>& costs);

// Programs that are attached to nothing that the kernel tells of, by id.
[[nodiscard]] std::vector<const ProgramFacts*> not_attached(const Attached& attached);

}  // namespace gancho
