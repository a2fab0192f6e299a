// SPDX-License-Identifier: Apache-2.0
#include "event/latency.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "latency_slots.h"

namespace gancho {

std::uint64_t latency_quantile(std::span<const __u64> slots, double share, std::uint64_t longest) {
  const std::uint64_t count = std::accumulate(slots.begin(), slots.end(), std::uint64_t{0});
  if (count == 0) return 0;
  // Its place in the order of all, from 1 on.
  const auto place = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count))), 1, count);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (before + slots[i] < place) {
      before += slots[i];
      continue;
    }
    const std::uint64_t begin = latency_slot_begin(static_cast<unsigned>(i));
    // The last slot ends nowhere.
    const std::uint64_t end =
        i + 1 == slots.size() ? longest : latency_slot_begin(static_cast<unsigned>(i) + 1);
    const double part = static_cast<double>(place - before) / static_cast<double>(slots[i]);
    const double width = end > begin ? static_cast<double>(end - begin) : 0;
    return std::min(begin + static_cast<std::uint64_t>(part * width), longest);
  }
  return longest;
}

}  // namespace gancho
