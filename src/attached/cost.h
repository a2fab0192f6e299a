// SPDX-License-Identifier: Apache-2.0
//
// What BPF programs take of the processors, measured over a while. The kernel counts only while it
// is asked to, and stops when our descriptor is closed, by whatever end we find: nothing is to be
// put back. Needs root.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "base/result.h"

namespace gancho {

struct ProgramCost {
  std::uint64_t runs = 0;
  std::uint64_t time_ns = 0;
};

struct Costs {
  std::chrono::nanoseconds elapsed{};
  std::map<std::uint32_t, ProgramCost> programs;  // by id; those only that ran
  // What the counting itself adds to each run, measured here with a program of ours that is
  // attached to nothing; 0 when the machine counts anyway (kernel.bpf_stats_enabled).
  double own_ns = 0;

  // Of one processor, 0 to the number of them.
  [[nodiscard]] double share(const ProgramCost& cost) const {
    return elapsed.count() == 0
               ? 0
               : static_cast<double>(cost.time_ns) / static_cast<double>(elapsed.count());
  }
  [[nodiscard]] double runs_a_second(const ProgramCost& cost) const {
    constexpr double k_second = 1e9;
    return elapsed.count() == 0
               ? 0
               : static_cast<double>(cost.runs) * k_second / static_cast<double>(elapsed.count());
  }
  // Share of one processor that the counting took.
  [[nodiscard]] double own_share() const;
};

// Takes `how_long`. Errc::permission without root, Errc::unsupported before Linux 5.8.
[[nodiscard]] Result<Costs> measure_costs(std::chrono::nanoseconds how_long);

}  // namespace gancho
