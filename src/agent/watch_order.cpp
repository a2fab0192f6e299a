// SPDX-License-Identifier: Apache-2.0
#include "agent/watch_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "agent/settings.h"
#include "event/room.h"
#include "load/cgroup.h"
#include "load/watched_files.h"

namespace gancho {
namespace {

Result<gancho_filter> make_filter(const AgentOptions& options, const KernelFacts& facts) {
  gancho_filter filter{};
  const EventSet events = events_of(options);
  for (const std::string& call : calls_of(options)) {
    const SyscallNumbers numbers = syscall_numbers(call);
    const auto ask = [&](std::size_t table, std::optional<std::uint32_t> number) {
      if (number && *number < CALLS_MAX)
        filter.calls[table][*number / 64] |= std::uint64_t{1} << (*number % 64);
    };
    ask(0, numbers.table_64);
    ask(1, numbers.table_32);
  }
  // A client may ask for it at any time; and in a recording whatever a process does has its
  // program's environment.
  bool wants_table = !options.socket.empty() || options.needs_processes ||
                     (options.environment && !options.record_file.empty());
  EventSet table;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      if (event.lifecycle != nullptr) table.add(event.type);
      if (event.needs_process && events.contains(event.type)) wants_table = true;
    }
  events.copy_to(filter.events);
  if (wants_table) table.copy_to(filter.table);
  filter.pid = options.filter.pid;
  filter.children = options.filter.children ? 1 : 0;
  if (filter.pid != 0 && ::kill(static_cast<pid_t>(filter.pid), 0) != 0 && errno == ESRCH)
    return fail(Errc::usage, fmt::format("no process {}", filter.pid));
  if (events.intersects({EV_READ, EV_WRITE})) {
    TRY(check_watched_files(options.io.files));
    EventSet with = events;
    if (options.io.handed_over || options.io.files.empty()) with.add(EV_HANDED_OVER);
    with.copy_to(filter.events);
  }
  if (!options.filter.cgroup.empty()) {
    const CgroupId cgroup = TRY(find_cgroup(options.filter.cgroup, facts.cgroup2_at));
    filter.cgroup_id = cgroup.id;
    filter.cgroup_level = cgroup.level;
  }
  return filter;
}

}  // namespace

WatchOrder WatchOrder::widened_to(const WatchOrder& next) const {
  WatchOrder wide = next;
  const auto add = [](auto& words, const auto& more) {
    for (std::size_t i = 0; i < std::size(words); ++i) words[i] |= more[i];
  };
  add(wide.filter.events, filter.events);
  add(wide.filter.table, filter.table);
  for (std::size_t table = 0; table < std::size(wide.filter.calls); ++table)
    add(wide.filter.calls[table], filter.calls[table]);
  for (const CallFunction& call : calls)
    if (std::ranges::find(wide.calls, call) == wide.calls.end()) wide.calls.push_back(call);
  wide.asked.add(asked);
  return wide;
}

bool WatchOrder::same_as(const WatchOrder& other) const {
  return std::memcmp(&filter, &other.filter, sizeof(filter)) == 0 && asked == other.asked;
}

Result<WatchOrder> make_watch_order(const AgentOptions& options, const KernelFacts& facts,
                                    const HookPlan& plan) {
  WatchOrder order;
  order.filter = TRY(make_filter(options, facts));
  // Probes at the calls that are asked for by name, where they do not come from all calls.
  if (!plan.on_every_call().contains(EV_SYSCALL))
    order.calls = TRY(find_call_functions(calls_of(options)));
  order.asked = on_demand(options);
  return order;
}

}  // namespace gancho
