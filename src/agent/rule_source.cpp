// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_source.h"

#include <fmt/format.h>

#include <utility>

#include "agent/host_lookup.h"
#include "agent/rule_orders.h"
#include "agent/rule_plan.h"
#include "event/room.h"
#include "rules/rule_files.h"

namespace gancho {

void RuleSource::ask(AgentOptions& options) const {
  options.events = events;
  options.needs_processes = needs_processes;
  options.asks_for = asks_for;
}

Result<RuleSource> read_rules(const AgentOptions& options) {
  const std::vector<rules::RuleFile> files = TRY(rules::read_rule_files(options.rules.files));
  RuleOrders orders{.matching = options.rules.matching,
                    .min_priority = options.alerts.min_priority,
                    .limits = {.rate = options.alerts.rate,
                               .burst = options.alerts.burst,
                               .window_ns = static_cast<std::uint64_t>(
                                   std::chrono::nanoseconds(options.alerts.window).count())},
                    .redact = options.alerts.redact,
                    .bundle = rules::write_bundle(files)};
  RulePlan plan = TRY(plan_rules(orders.bundle, orders.min_priority));
  orders.hosts = TRY(look_up_hosts(plan.hosts));
  for (const std::string& name : plan.hosts)
    if (orders.hosts.addresses_of(name).empty())
      plan.remarks += fmt::format(
          "no address was found for {}: nothing equals it until rules are read again\n", name);
  // Reads and writes are told of for the files that the configuration names, and never for all.
  if (options.io.files.empty() && !options.io.handed_over) {
    const EventSet io = events_named("io");
    std::erase_if(plan.events, [&](const std::string& word) {
      const EventDesc* const event = find_event(word);
      return event != nullptr && io.contains(event->type);
    });
    if (plan.events.empty())
      return fail(Errc::input,
                  "the rules ask for reads and writes only, which need io.files or io.handed_over");
  }
  return RuleSource{.orders = write_orders(orders),
                    .remarks = std::move(plan.remarks),
                    .rules = plan.rules,
                    .events = std::move(plan.events),
                    .needs_processes = plan.needs_processes,
                    .asks_for = plan.asks_for};
}

}  // namespace gancho
