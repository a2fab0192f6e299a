// SPDX-License-Identifier: Apache-2.0
#include "map/uses.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "event/room.h"
#include "load/hooks_page.h"
#include "map/classify.h"

namespace gancho {
namespace {

using Served = std::map<std::tuple<std::string_view, std::string_view>,
                        std::vector<std::string_view>>;  // by how and target

void add(Served& served, std::string_view program, std::string_view name) {
  const std::size_t border = program.find("__");
  if (border == std::string_view::npos) return;
  auto& names = served[{program.substr(0, border), program.substr(border + 2)}];
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

void add(Served& served, const SignalDesc& signal, std::string_view name) {
  for (const HookCandidate& candidate : signal.candidates) {
    for (const std::string_view program : candidate.programs) add(served, program, name);
    for (const std::string_view program : candidate.helpful) add(served, program, name);
  }
}

Served served_by_rooms() {
  Served served;
  for (const Room* room : rooms()) {
    std::vector<const SignalDesc*> named;
    for (const OperationDesc& operation : room->operations)
      for (const SignalDesc* signal : signals_of(*room, operation)) {
        add(served, *signal, find_event(operation.event)->name);
        named.push_back(signal);
      }
    for (const SignalDesc& signal : room->signals)
      if (std::ranges::find(named, &signal) == named.end()) add(served, signal, signal.meaning);
  }
  return served;
}

bool is_call(std::string_view how) {
  return how == "syscall" || how == "retsyscall";
}

}  // namespace

bool hooks(const HookUse& use, const Place& place) {
  switch (place.kind) {
    case PlaceKind::syscall:
      return (is_call(use.how) && use.target == place.name) ||
             (!place.detail.empty() && use.target == place.detail);
    case PlaceKind::tracepoint: {
      const std::string_view event = place.name.substr(place.name.find(':') + 1);
      return use.how == "tp" && event == use.target;
    }
    case PlaceKind::btf_tracepoint:
      return use.how == "tp_btf" && place.name == use.target;
    case PlaceKind::lsm:
      return use.how == "lsm" && place.name == use.target;
    case PlaceKind::iterator:
      return use.how.starts_with("iter") && place.name == use.target;
    case PlaceKind::function:
      return (use.how == "fentry" || use.how == "fexit" || use.how == "probe" ||
              use.how == "retprobe" || use.how == "kprobe" || use.how == "kretprobe") &&
             place.name == use.target;
    default:
      return false;
  }
}

std::vector<HookUse> hooks_of_gancho(const Inventory& inventory) {
  const Served served = served_by_rooms();
  std::vector<HookUse> uses;
  for (const auto& [key, names] : served) {
    HookUse use{.how = std::get<0>(key), .target = std::get<1>(key), .serves = names};
    if (use.target == "*") {
      use.subsystem = Subsystem::syscalls;  // any call that is asked for by name
    } else {
      use.subsystem =
          is_call(use.how) ? subsystem_of_syscall(use.target) : subsystem_of_function(use.target);
    }
    uses.push_back(std::move(use));
  }
  // What the kernel that runs says of them is better than what their names say.
  std::multimap<std::string_view, HookUse*> by_target;
  for (HookUse& use : uses) by_target.emplace(use.target, &use);
  for (const Place& place : inventory.places) {
    const std::string_view name = place.kind == PlaceKind::tracepoint
                                      ? place.name.substr(place.name.find(':') + 1)
                                      : place.name;
    const auto [begin, end] = by_target.equal_range(name);
    for (auto at = begin; at != end; ++at)
      if (hooks(*at->second, place)) at->second->subsystem = place.subsystem;
  }
  std::ranges::sort(
      uses, {}, [](const HookUse& use) { return std::tuple(use.subsystem, use.target, use.how); });
  return uses;
}

}  // namespace gancho
