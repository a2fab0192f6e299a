// SPDX-License-Identifier: Apache-2.0
//
// Tracepoints in full, "sched:sched_switch": of one that a program is attached to the kernel tells
// "sched_switch". The list is tracefs', read when somebody asks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gancho {

class TracepointNames {
 public:
  TracepointNames() = default;
  // "sched:sched_switch", a line each.
  explicit TracepointNames(std::string events) : events_(std::move(events)) {}

  // All that the name may mean: one, in most cases; none when tracefs cannot be read.
  [[nodiscard]] std::vector<std::string> find(std::string_view event);

 private:
  std::optional<std::string> events_;
};

}  // namespace gancho
