// SPDX-License-Identifier: Apache-2.0
//
// Durations as the programs count them (bpf/latency_slots.h): what can be said from the counts.
#pragma once

#include <linux/types.h>

#include <cstdint>
#include <span>

namespace gancho {

// The duration, ns, that `share` of those in the slots do not exceed: where it lies in its slot is
// reckoned as if those in the slot were evenly spread, so it is off by half of itself at most.
// `longest` is the longest of all; the answer does not exceed it. 0 when nothing was counted.
[[nodiscard]] std::uint64_t latency_quantile(std::span<const __u64> slots, double share,
                                             std::uint64_t longest);

}  // namespace gancho
