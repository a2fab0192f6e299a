// SPDX-License-Identifier: Apache-2.0
#include "sinks/counters.h"

namespace gancho {

std::string_view word_of(SinkKind kind) {
  constexpr std::array<std::string_view, k_sink_kinds> words{"file", "syslog", "journal", "http",
                                                             "program"};
  return words[static_cast<std::size_t>(kind)];
}

SinkCounts SinkCounts::of(const SinkCounters& counters) {
  // What ended first, what was offered last: so nothing waits that was never offered.
  SinkCounts counts{.delivered = counters.delivered,
                    .retried = counters.retried,
                    .dropped = counters.dropped,
                    .failed = counters.failed,
                    .lost = counters.lost};
  counts.offered = counters.offered;
  return counts;
}

}  // namespace gancho
