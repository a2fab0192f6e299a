// SPDX-License-Identifier: Apache-2.0
#include "agent/holdings.h"

#include <fmt/format.h>

namespace gancho {

std::string json_members(const Holdings& holdings) {
  const ProcessTableCounts& p = holdings.processes;
  const ContainerHoldings& c = holdings.containers;
  return fmt::format(
             R"("processes":{{"max":{},"alive":{},"ended":{},"programs":{},"bytes_max":{},)"
             R"("bytes":{},"environment_bytes_max":{},"environment_bytes":{},"evicted_ended":{},)"
             R"("evicted_ancestors":{},"refused":{},"trimmed":{},"environments_dropped":{},)"
             R"("missed_ends":{}}})",
             holdings.limits.processes, p.alive, p.ended, p.programs, holdings.limits.bytes(),
             p.bytes, holdings.limits.environment_bytes(), p.environment_bytes, p.evicted_ended,
             p.evicted_ancestors, p.refused, p.trimmed, p.environments_dropped, p.missed_ends) +
         fmt::format(
             R"(,"containers":{{"max":{},"known":{},"bytes_max":{},"bytes":{},"asked_max":{},)"
             R"("asked":{},"evicted":{},"unknown":{},"forgotten":{},"unasked":{}}})",
             c.max, c.known, c.bytes_max, c.bytes, c.asked_max, c.asked, c.evicted, c.unknown,
             c.forgotten, c.unasked);
}

HoldingsLost lost_of(const ProcessTableCounts& processes, const ContainerHoldings& containers) {
  return {.processes_evicted = processes.evicted_ended + processes.evicted_ancestors,
          .processes_refused = processes.refused,
          .programs_trimmed = processes.trimmed,
          .environments_dropped = processes.environments_dropped,
          .containers_evicted = containers.evicted,
          .containers_unknown = containers.unknown,
          .containers_forgotten = containers.forgotten,
          .containers_unasked = containers.unasked};
}

}  // namespace gancho
