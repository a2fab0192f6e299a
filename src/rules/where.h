// SPDX-License-Identifier: Apache-2.0
//
// A condition that stands alone, on a command line.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "event/event_set.h"
#include "rules/typed.h"

namespace gancho::rules {

// What is wrong with it, each with the line that it is in and a mark below: several lines, the last
// of which ends, too.
using WhereErrors = std::vector<std::string>;

[[nodiscard]] std::expected<TypedCondition, WhereErrors> read_where(std::string_view text);

// What is odd about one that is read.
struct WhereRemarks {
  WhereErrors warnings;
  // Why it can hold for none of the events; "" as why_never() has it.
  std::string never;
};
[[nodiscard]] WhereRemarks where_remarks(std::string_view text, const EventSet& events);

}  // namespace gancho::rules
