// SPDX-License-Identifier: Apache-2.0
#include "cli/where.h"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "event/room.h"
#include "rules/evaluate.h"
#include "rules/where.h"

namespace gancho {
namespace {

std::string events_that_may(const EventSet& types) {
  std::vector<std::string_view> names;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (types.contains(event.type) && !event.by_call) names.push_back(event.name);
  return names.empty() ? "no event can" : "only these can: " + first_words(names);
}

}  // namespace

std::optional<rules::TypedCondition> where_value(const Arguments& arguments,
                                                 const EventSet& events) {
  const std::string* given = arguments.find("--where");
  if (given == nullptr) return rules::TypedCondition{};
  auto condition = rules::read_where(*given);
  if (!condition) {
    for (const std::string& error : condition.error()) fmt::print(stderr, "gancho: {}", error);
    return std::nullopt;
  }
  const EventSet types = rules::event_types(condition->logic);
  const rules::WhereRemarks remarks = rules::where_remarks(*given, events);
  for (const std::string& warning : remarks.warnings) fmt::print(stderr, "gancho: {}", warning);
  if (!types.intersects(events)) {
    fmt::print(stderr, "gancho: --where matches none of the events that were asked for{}{}; {}\n",
               remarks.never.empty() ? "" : ": ", remarks.never, events_that_may(types));
    return std::nullopt;
  }
  return std::move(*condition);
}

}  // namespace gancho
