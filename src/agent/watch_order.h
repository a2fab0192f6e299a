// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side is to tell of: from options to a filter, functions and what may be left out.
#pragma once

#include <vector>

#include "agent/hook_plan.h"
#include "agent/options.h"
#include "base/result.h"
#include "event/on_demand.h"
#include "load/call_functions.h"
#include "load/probe.h"
#include "load/shared_maps.h"

namespace gancho {

struct WatchOrder {
  gancho_filter filter{};
  std::vector<CallFunction> calls;  // of the calls that the filter asks for by name
  OnDemand asked;                   // and no more than that of what is read on demand

  [[nodiscard]] EventSet events() const { return EventSet::of(filter.events); }
  [[nodiscard]] EventSet table() const { return EventSet::of(filter.table); }
  void set_events(const EventSet& events) { events.copy_to(filter.events); }

  // All that either asks for, of the processes and the files of `next`.
  [[nodiscard]] WatchOrder widened_to(const WatchOrder& next) const;

  [[nodiscard]] bool same_as(const WatchOrder& other) const;
};

// But for the files that reads and writes are watched of: KernelSide::find_files().
[[nodiscard]] Result<WatchOrder> make_watch_order(const AgentOptions& options,
                                                  const KernelFacts& facts, const HookPlan& plan);

}  // namespace gancho
