// SPDX-License-Identifier: Apache-2.0
#include "map/inventory.h"

#include <sys/utsname.h>

#include <algorithm>
#include <tuple>

#include "load/kernel_facts.h"
#include "map/inventory_parts.h"

namespace gancho {

bool Inventory::lacks(Gap gap) const {
  return std::ranges::find(gaps, gap) != gaps.end();
}

std::span<const Place> Inventory::of_kind(PlaceKind kind) const {
  const auto range = std::ranges::equal_range(places, kind, {}, &Place::kind);
  return {range.begin(), range.end()};
}

bool takes_fentry(const Place& function) {
  return (function.ways & way::typed) != 0 && (function.ways & way::traceable) != 0;
}

bool takes_kprobe(const Place& function) {
  return (function.ways & way::traceable) != 0 && (function.ways & way::blacklisted) == 0 &&
         (function.ways & way::probes) != 0;
}

Inventory make_inventory(KernelWords words) {
  Inventory inventory;
  inventory.texts.push_back(words.symbols.text);
  add_functions(inventory, words);
  add_tracepoints(inventory, words);
  add_calls(inventory, words);
  add_programs(inventory, words);
  add_network(inventory, words);
  add_perf(inventory, words);
  if (!words.tracing.events) inventory.gaps.push_back(Gap::tracepoints);
  if (!words.tracing.functions) inventory.gaps.push_back(Gap::traceable);
  std::ranges::sort(inventory.places, {}, [](const Place& place) {
    return std::tuple(place.kind, place.name, place.module);
  });
  std::ranges::sort(inventory.gaps);
  return inventory;
}

Inventory read_inventory() {
  KernelWords words;
  std::vector<Gap> gaps;
  auto types = KernelTypes::create();
  if (types) {
    words.types = types->names();
  } else {
    gaps.push_back(Gap::types);
  }
  if (auto symbols = KernelSymbols::read()) {
    words.symbols = std::move(*symbols);
  } else {
    gaps.push_back(Gap::symbols);
  }
  words.tracing = read_tracing_files();
  words.perf_events = read_perf_events();
  words.interfaces = read_interfaces(words.types.xdp_features);
  if (const auto modules = read_kernel_facts().security_modules;
      modules && std::ranges::find(*modules, "bpf") == modules->end())
    gaps.push_back(Gap::lsm);
  Inventory inventory = make_inventory(std::move(words));
  if (types) inventory.types = std::move(*types);
  inventory.gaps.insert(inventory.gaps.end(), gaps.begin(), gaps.end());
  std::ranges::sort(inventory.gaps);
  utsname name{};
  if (uname(&name) == 0) {
    inventory.release = name.release;
    inventory.architecture = name.machine;
  }
  return inventory;
}

bool counts_as(const Place& place, Count count) {
  switch (count) {
    case Count::syscalls:
      return place.kind == PlaceKind::syscall;
    case Count::tracepoints:
      return place.kind == PlaceKind::tracepoint;
    case Count::raw_tracepoints:
      return place.kind == PlaceKind::raw_tracepoint;
    case Count::btf_tracepoints:
      return place.kind == PlaceKind::btf_tracepoint;
    case Count::lsm:
      return place.kind == PlaceKind::lsm;
    case Count::functions:
      return place.kind == PlaceKind::function;
    case Count::fentry:
      return place.kind == PlaceKind::function && takes_fentry(place);
    case Count::kprobe:
      return place.kind == PlaceKind::function && takes_kprobe(place);
    case Count::refused:
      return place.kind == PlaceKind::function && (place.ways & way::told) != 0 &&
             !takes_fentry(place) && !takes_kprobe(place);
    case Count::iterators:
      return place.kind == PlaceKind::iterator;
    case Count::kfuncs:
      return place.kind == PlaceKind::kfunc;
    case Count::struct_ops:
      return place.kind == PlaceKind::struct_ops;
    case Count::cgroup:
      return place.kind == PlaceKind::cgroup;
    case Count::interfaces:
      return place.kind == PlaceKind::xdp || place.kind == PlaceKind::tc ||
             place.kind == PlaceKind::tcx || place.kind == PlaceKind::netkit;
    case Count::netfilter:
      return place.kind == PlaceKind::netfilter;
    case Count::perf_events:
      return place.kind == PlaceKind::perf_event;
  }
  return false;
}

std::array<Counts, k_subsystems> count_places(const Inventory& inventory) {
  std::array<Counts, k_subsystems> counts{};
  for (const Place& place : inventory.places)
    for (std::size_t i = 0; i < k_counts; ++i)
      if (counts_as(place, static_cast<Count>(i)))
        ++counts[static_cast<std::size_t>(place.subsystem)][i];
  return counts;
}

}  // namespace gancho
