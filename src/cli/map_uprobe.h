// SPDX-License-Identifier: Apache-2.0
//
// A program's functions and probes, and two maps compared: for people and for machines. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/map_drawing.h"
#include "map/diff.h"
#include "map/elf_places.h"

namespace gancho {

// `filter` as a shell has it, "" for all.
[[nodiscard]] std::string uprobe_page(std::string_view path, const ElfPlaces& places,
                                      const std::string& filter, const MapView& view);
[[nodiscard]] std::string uprobe_json(std::string_view path, const ElfPlaces& places,
                                      const std::string& filter);

[[nodiscard]] std::string diff_page(const MapDocument& first, const MapDocument& second,
                                    const MapView& view);
[[nodiscard]] std::string diff_json(const MapDocument& first, const MapDocument& second);

}  // namespace gancho
