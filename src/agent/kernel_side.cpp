// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel_side.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "load/watched_files.h"

namespace gancho {

Result<KernelSide> KernelSide::create(BpfObject object, HookPlan plan, WatchOrder first,
                                      std::span<const std::string> files) {
  Policy policy = TRY(Policy::create(object.policy_fd()));
  KernelSide made(std::move(object), std::move(plan), std::move(policy));
  TRY(made.find_files(files, first));
  made.order_ = std::move(first);
  return made;
}

// Up to 6.1 the iterator that may sleep, which tells of processes later, would wait for memory with
// the CPU's task storage locked, and forks would find none.
Status KernelSide::make_lineage() {
  TRY(object_.attach(programs_for(order_)));
  gancho_filter nothing = order_.filter;
  EventSet().copy_to(nothing.events);
  EventSet().copy_to(nothing.table);
  policy_.set(nothing);
  TRY(object_.visit_tasks(VisitDepth::task));
  return {};
}

Status KernelSide::change(WatchOrder next) {
  next = without_news(std::move(next));
  const std::vector<std::string_view> programs = programs_for(next);
  TRY(object_.attach(programs, next.calls));
  order_ = std::move(next);
  OnDemand wider = asked_;
  wider.add(order_.asked);
  ask_for(wider);
  policy_.set(order_.filter);
  TRY(object_.wait_for_programs());
  ask_for(order_.asked);
  object_.detach_all_but(programs, order_.calls);
  return {};
}

void KernelSide::existing_were_shown() {
  existing_shown_ = existing_shown_ || order_.events().contains(EV_PROCESS_EXISTING);
  order_ = without_news(std::move(order_));
  policy_.set(order_.filter);
}

Status KernelSide::narrow(WatchOrder next) {
  next = without_news(std::move(next));
  const bool less = std::memcmp(&next.filter, &order_.filter, sizeof(next.filter)) != 0;
  order_ = std::move(next);
  ask_for(order_.asked);
  if (!less) return {};
  policy_.set(order_.filter);
  TRY(object_.wait_for_programs());
  object_.detach_all_but(programs_for(order_), order_.calls);
  return {};
}

bool KernelSide::differs(const WatchOrder& next) const {
  return !without_news(next).same_as(order_);
}

Status KernelSide::stop() {
  std::ranges::fill(order_.filter.events, 0);
  std::ranges::fill(order_.filter.table, 0);
  policy_.set(order_.filter);
  return object_.wait_for_programs();
}

Status KernelSide::find_files(std::span<const std::string> paths, WatchOrder& order) const {
  const bool second = (order_.filter.watch & WATCH_SECOND) == 0;
  WatchSet files;
  if (order.events().intersects({EV_READ, EV_WRITE})) files = TRY(object_.find_files(paths));
  order.filter.watch = files.watch | (second ? WATCH_SECOND : 0U);
  std::ranges::fill(order.filter.watch_bits, 0);
  for (const WatchSet::File& one : files.files) {
    const std::uint64_t bit = watch_bit(one.file.inode, one.file.dev);
    order.filter.watch_bits[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  return object_.write_files(files, second);
}

WatchOrder KernelSide::without_news(WatchOrder order) const {
  if (!existing_shown_) return order;
  EventSet events = order.events();
  events.remove(EV_PROCESS_EXISTING);
  order.set_events(events);
  return order;
}

void KernelSide::ask_for(const OnDemand& asked) {
  asked_ = asked;
  policy_.ask_for(asked);
}

}  // namespace gancho
