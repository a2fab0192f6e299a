// SPDX-License-Identifier: Apache-2.0
//
// The kernel between applications and hardware, as textbooks draw it:
//
//                            applications
//     ┌─────────────────────────────────────────────────────┐
//     │ system calls                                        │
//     ├─────────────┬─────────────┬────────────┬────────────┤
//     │ processes   │ memory      │ files      │ network    │
//     │             │             ├────────────┤            │
//     │             │             │ block      │            │
//     ├─────────────┴─────────────┴────────────┴────────────┤
//     │ drivers                                             │
//     └─────────────────────────────────────────────────────┘
//                              hardware
//
// with the number of hooks by kind in each. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "map/inventory.h"
#include "map/texts.h"

namespace gancho {

struct MapFigures {
  std::string kernel;  // "Linux 6.12.94 x86_64"
  std::array<Counts, k_subsystems> counts{};
  std::vector<Gap> gaps;
  // Programs that are attached, by subsystem; nullopt when nobody has looked for them.
  std::optional<std::array<std::size_t, k_subsystems>> attached{};
  // What they take of one processor, 1 all of it; nullopt when nobody has measured.
  std::optional<std::array<double, k_subsystems>> share{};
};

[[nodiscard]] MapFigures figures_of(const Inventory& inventory);

struct MapView {
  std::size_t width = 80;  // columns; below 80, a list instead of a drawing
  bool colour = false;
  Language language = Language::english;
};

// No line is wider than the view.
[[nodiscard]] std::string draw_map(const MapFigures& figures, const MapView& view);

}  // namespace gancho
