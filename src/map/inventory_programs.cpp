// SPDX-License-Identifier: Apache-2.0
//
// What BPF alone can hook, or call; the network's places, and who counts events.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_set>

#include "base/ascii.h"
#include "map/classify.h"
#include "map/inventory_parts.h"

namespace gancho {
namespace {

constexpr std::string_view k_set = "__BTF_ID__set8__";
constexpr std::string_view k_member = "__BTF_ID__func__";

// "__BTF_ID__func__bpf_task_acquire__7121234": the number keeps equal names apart.
std::string_view member_name(std::string_view symbol) {
  symbol.remove_prefix(k_member.size());
  return symbol.substr(0, symbol.rfind("__"));
}

// Sets of kfuncs lie in the kernel's image as a head of eight bytes and one of eight for each
// member; where the symbols of data are listed, they tell the names.
std::vector<NamedType> kfuncs_in_symbols(const KernelSymbols& table) {
  std::vector<NamedType> found;
  bool inside = false;
  std::uint64_t next = 0;
  for (const KernelSymbol& symbol : table.symbols) {
    if (!symbol.name.starts_with("__BTF_ID__")) {
      // The set's own name stands between its head and its members.
      if (symbol.is_code()) inside = false;
      continue;
    }
    if (symbol.name.starts_with(k_set)) {
      inside = true;
      next = symbol.address + 8;
    } else if (inside && symbol.name.starts_with(k_member) &&
               (symbol.address == 0 || symbol.address == next)) {
      found.push_back({member_name(symbol.name), symbol.module});
      next += 8;
    } else {
      inside = false;
    }
  }
  return found;
}

void add_lsm(Inventory& inventory, const KernelWords& words) {
  // Hooks are the members of one union; the functions that BPF attaches to bear their names.
  constexpr std::string_view k_function = "bpf_lsm_";
  std::unordered_set<std::string_view> functions;
  for (const NamedType& function : words.types.functions)
    if (function.name.starts_with(k_function))
      functions.insert(function.name.substr(k_function.size()));
  for (const std::string_view hook : words.types.lsm_hooks)
    if (functions.contains(hook))
      inventory.places.push_back({.kind = PlaceKind::lsm,
                                  .subsystem = subsystem_of_lsm_hook(hook),
                                  .name = keep(inventory, std::string(hook))});
}

void add_kfuncs(Inventory& inventory, const KernelWords& words) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const NamedType& one : words.types.kfuncs) names.emplace(one.name, one.module);
  for (const NamedType& one : kfuncs_in_symbols(words.symbols)) names.emplace(one.name, one.module);
  for (const auto& [name, module] : names)
    inventory.places.push_back({.kind = PlaceKind::kfunc,
                                .subsystem = subsystem_of_kfunc(name),
                                .name = keep(inventory, std::string(name)),
                                .module = keep(inventory, std::string(module))});
}

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

void add_programs(Inventory& inventory, KernelWords& words) {
  add_lsm(inventory, words);
  add_kfuncs(inventory, words);
  for (const NamedType& target : words.types.iterators)
    inventory.places.push_back({.kind = PlaceKind::iterator,
                                .subsystem = subsystem_of_iterator(target.name),
                                .name = keep(inventory, std::string(target.name)),
                                .module = keep(inventory, std::string(target.module))});
  for (const NamedType& structure : words.types.struct_ops)
    inventory.places.push_back({.kind = PlaceKind::struct_ops,
                                .subsystem = subsystem_of_struct_ops(structure.name),
                                .name = keep(inventory, std::string(structure.name)),
                                .module = keep(inventory, std::string(structure.module))});
  for (const std::string_view type : words.types.attach_types)
    if (type.starts_with("BPF_CGROUP_") || type == "BPF_LSM_CGROUP")
      inventory.places.push_back({.kind = PlaceKind::cgroup,
                                  .subsystem = subsystem_of_cgroup_type(type),
                                  .name = keep(inventory, lowered(type.substr(4)))});
}

void add_network(Inventory& inventory, KernelWords& words) {
  const auto add = [&](PlaceKind kind, std::string name, std::string detail) {
    inventory.places.push_back(
        {.kind = kind,
         .subsystem = kind == PlaceKind::xdp ? Subsystem::drivers : Subsystem::network,
         .name = keep(inventory, std::move(name)),
         .detail = keep(inventory, std::move(detail))});
  };
  const bool tcx = has(words.types.attach_types, "BPF_TCX_INGRESS");
  const bool netkit = has(words.types.attach_types, "BPF_NETKIT_PRIMARY");
  for (const Interface& one : words.interfaces) {
    std::string modes = xdp_modes(one);
    if (!one.driver.empty()) modes += "; driver " + one.driver;
    add(PlaceKind::xdp, "xdp " + one.name, std::move(modes));
    for (const std::string_view way : {" ingress", " egress"}) {
      add(PlaceKind::tc, "tc " + one.name + std::string(way), "");
      if (tcx) add(PlaceKind::tcx, "tcx " + one.name + std::string(way), "");
    }
    if (netkit && one.netkit)
      for (const std::string_view end : {" primary", " peer"})
        add(PlaceKind::netkit, "netkit " + one.name + std::string(end), "");
  }
  // Its hooks are there for nftables on every kernel; programs come in by a link only.
  const bool links = has(words.types.attach_types, "BPF_NETFILTER");
  constexpr std::string_view k_hook = "NF_INET_";
  for (const std::string_view hook : words.types.netfilter_hooks) {
    if (!hook.starts_with(k_hook) || hook == "NF_INET_NUMHOOKS" || hook == "NF_INET_INGRESS")
      continue;
    for (const std::string_view family : {"ipv4 ", "ipv6 "})
      add(PlaceKind::netfilter,
          "netfilter " + std::string(family) + lowered(hook.substr(k_hook.size())),
          links ? "bpf link" : "no bpf link before Linux 6.4");
  }
}

void add_perf(Inventory& inventory, KernelWords& words) {
  std::vector<std::string> events = std::move(words.perf_events);
  // The kernel's own counters are in no folder.
  if (std::ranges::find(events, "software") != events.end())
    for (const std::string_view event : words.types.software_events) {
      constexpr std::string_view k_prefix = "PERF_COUNT_SW_";
      if (!event.starts_with(k_prefix) || event == "PERF_COUNT_SW_MAX") continue;
      std::string name = "software:" + lowered(event.substr(k_prefix.size()));
      std::ranges::replace(name, '_', '-');
      events.push_back(std::move(name));
    }
  for (std::string& event : events) {
    const Subsystem subsystem =
        subsystem_of_perf_event(event.find(':') == std::string::npos ? event + ":" : event);
    inventory.places.push_back({.kind = PlaceKind::perf_event,
                                .subsystem = subsystem,
                                .name = keep(inventory, std::move(event))});
  }
}

}  // namespace gancho
