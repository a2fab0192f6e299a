// SPDX-License-Identifier: Apache-2.0
//
// The inventory as one JSON document (docs/map.md), and back, for two of them to be compared.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "map/inventory.h"

namespace gancho {

// With the places of one subsystem, or of all. `attached` is what is attached, as JSON; "" when
// nobody has looked.
[[nodiscard]] std::string map_json(const Inventory& inventory, std::optional<Subsystem> only,
                                   std::string_view attached = {});

// One place as an object.
void put_place(std::string& out, const Place& place);
// In quotes, with what JSON wants escaped.
void put_text(std::string& out, std::string_view text);

// What is needed of a document to compare it.
struct MapDocument {
  std::string release;
  std::vector<std::string> missing;  // "tracepoints": not known of that kernel
  struct Entry {
    PlaceKind kind;
    std::string name;
    Subsystem subsystem;
    std::string module;
    bool fentry = false;
    bool kprobe = false;
  };
  std::vector<Entry> places;  // by kind, name, module
  // What was attached. Ids are of one boot: programs are known by name and tag.
  struct Hanging {
    std::string how;
    std::string place;
    std::string detail;
    std::string program;
    std::string tag;

    friend auto operator<=>(const Hanging&, const Hanging&) = default;
  };
  std::vector<Hanging> attached{};  // sorted
};

// Errc::input when it is none, or of a later format.
[[nodiscard]] Result<MapDocument> parse_map(std::string_view json);

}  // namespace gancho
