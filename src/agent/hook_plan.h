// SPDX-License-Identifier: Apache-2.0
//
// Which BPF programs this run needs on this kernel, and what it has to do without.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/options.h"
#include "base/result.h"
#include "load/probe.h"
#include "load/signals.h"

namespace gancho {

class HookPlan {
 public:
  HookPlan() = default;
  explicit HookPlan(std::vector<SignalChoice> choices) : choices_(std::move(choices)) {}

  // Programs for the events of `events` and those that the process table needs, without repetition.
  [[nodiscard]] std::vector<std::string_view> programs(const EventSet& events,
                                                       const EventSet& table) const;
  // Those that visit tasks: they run when they are read, and never otherwise.
  [[nodiscard]] std::vector<std::string_view> task_iterators() const;

  // Those of `events` that cannot be seen on this kernel at all.
  [[nodiscard]] EventSet absent(const EventSet& events) const;

  // Those that are taken from programs on every system call of the machine.
  [[nodiscard]] EventSet on_every_call() const;

  // One line for each signal that is not complete: what is lost and what can be done about it.
  [[nodiscard]] std::vector<std::string> losses(const EventSet& events,
                                                const EventSet& table) const;

 private:
  std::vector<SignalChoice> choices_;
};

// Errc::unsupported when a signal that is not optional cannot be had.
[[nodiscard]] Result<HookPlan> plan_hooks(KernelProbe& probe, const AgentOptions& options);

}  // namespace gancho
