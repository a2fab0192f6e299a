// SPDX-License-Identifier: Apache-2.0
//
// The kernel side while an agent runs: the programs that are attached, and the order that is in
// force. An order replaces another one so that nothing is lost that both ask for. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/hook_plan.h"
#include "agent/watch_order.h"
#include "base/result.h"
#include "load/object.h"
#include "load/shared_maps.h"

namespace gancho {

class KernelSide {
 public:
  // Nothing is attached yet, and nothing told of. `files`: whose reads and writes `first` asks for.
  [[nodiscard]] static Result<KernelSide> create(BpfObject object, HookPlan plan, WatchOrder first,
                                                 std::span<const std::string> files);

  [[nodiscard]] BpfObject& object() { return object_; }
  [[nodiscard]] const HookPlan& plan() const { return plan_; }
  [[nodiscard]] const WatchOrder& order() const { return order_; }
  [[nodiscard]] bool keeps_table() const { return !order_.table().empty(); }

  // Gives every process that is there its lineage, while no record is wanted. Before the first
  // change().
  [[nodiscard]] Status make_lineage();

  // In force when it returns; on an error before that, what was in force still is. What is new is
  // attached before the filter changes, and what is no longer needed goes after.
  [[nodiscard]] Status change(WatchOrder next);
  // Its processes have been shown, and are no news to any later order.
  void existing_were_shown();
  // To one that the order in force contains.
  [[nodiscard]] Status narrow(WatchOrder next);
  // Would it change anything?
  [[nodiscard]] bool differs(const WatchOrder& next) const;
  // Nothing new any more: all that was seen is in the rings when it returns.
  [[nodiscard]] Status stop();

  // The files that `order` watches, written beside those of the order in force.
  [[nodiscard]] Status find_files(std::span<const std::string> paths, WatchOrder& order) const;

 private:
  KernelSide(BpfObject object, HookPlan plan, Policy policy)
      : object_(std::move(object)), plan_(std::move(plan)), policy_(std::move(policy)) {}

  [[nodiscard]] std::vector<std::string_view> programs_for(const WatchOrder& order) const {
    return plan_.programs(order.events(), order.table());
  }
  [[nodiscard]] WatchOrder without_news(WatchOrder order) const;
  void ask_for(const OnDemand& asked);

  BpfObject object_;
  HookPlan plan_;
  Policy policy_;
  WatchOrder order_;
  OnDemand asked_;  // in the kernel: what the order asks for, or more while it is changed
  bool existing_shown_ = false;
};

}  // namespace gancho
