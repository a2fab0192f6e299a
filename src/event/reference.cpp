// SPDX-License-Identifier: Apache-2.0
#include "event/reference.h"

#include <fmt/format.h>

#include <iterator>

#include "event/room.h"

namespace gancho {
namespace {

std::string_view cost_name(Cost cost) {
  switch (cost) {
    case Cost::free:
      return "none";
    case Cost::low:
      return "low";
    case Cost::high:
      return "high";
  }
  return "";
}

void put_fields(std::string& page, std::span<const FieldDesc> fields) {
  page += "| field | type | known | cost | meaning |\n|---|---|---|---|---|\n";
  for (const FieldDesc& field : fields) {
    const std::string unit = field.unit.empty() ? "" : fmt::format(", {}", field.unit);
    fmt::format_to(std::back_inserter(page), "| `{}` | {}{} | {} | {} | {} |\n", field.name,
                   type_name(field.type), unit, field.phase == Phase::before ? "before" : "after",
                   cost_name(field.cost), field.meaning);
    if (!field.joined.empty())
      fmt::format_to(std::back_inserter(page),
                     "| `{}` | string | {} | none | name that belongs to `{}` |\n", field.joined,
                     field.phase == Phase::before ? "before" : "after", field.name);
  }
  page += '\n';
}

}  // namespace

std::string events_page() {
  std::string page =
      "# Events\n"
      "\n"
      "<!-- Made from the schema: gancho docs events > docs/events.md -->\n"
      "\n"
      "How values are written is said in [json.md](json.md). *Known* tells whether a field is "
      "known "
      "before the act, so that\n"
      "a rule that denies could use it, or only after it. *Cost* is what collecting the field "
      "costs "
      "the program that is\n"
      "being watched: none measurable, low (below 300 instructions), or high.\n"
      "\n"
      "## In every event\n"
      "\n";
  put_fields(page, common_fields());
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      fmt::format_to(std::back_inserter(page), "## {}\n\n{}{}. Subsystem {}{}{}, class {}.\n\n",
                     event.name, static_cast<char>(event.meaning[0] & ~0x20),
                     event.meaning.substr(1), room->name, event.group.empty() ? "" : ", group ",
                     event.group, class_name(event.class_id));
      put_fields(page, event.fields);
    }
  }
  while (page.ends_with("\n\n")) page.pop_back();
  return page;
}

}  // namespace gancho
