// SPDX-License-Identifier: Apache-2.0
//
// Tracepoints of all three kinds, and system calls.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "event/names.h"
#include "load/call_functions.h"
#include "map/classify.h"
#include "map/inventory_parts.h"

namespace gancho {
namespace {

// A tracepoint is called by a function of its own.
constexpr std::string_view k_caller = "__traceiter_";

// The system that an event without one is of: that of the event of the same name, which tracefs
// tells to root; else the longest beginning of its name that is a system ("tcp_probe": tcp).
class Systems {
 public:
  void add(std::string_view system, std::string_view event) { of_.emplace(event, system); }

  [[nodiscard]] Subsystem find(std::string_view event) const {
    if (const auto found = of_.find(event); found != of_.end())
      return subsystem_of_tracepoint(found->second, event);
    for (std::size_t end = event.rfind('_'); end != std::string_view::npos && end != 0;
         end = event.rfind('_', end - 1)) {
      const Subsystem found = subsystem_of_tracepoint(event.substr(0, end), event);
      if (found != Subsystem::unknown) return found;
    }
    return subsystem_of_function(event);
  }

 private:
  std::unordered_map<std::string_view, std::string_view> of_;
};

// The functions of the three tables; weak ones stand for calls that this kernel does not have.
struct CallTable {
  std::unordered_set<std::string_view> of_64;
  std::unordered_set<std::string_view> of_32;

  explicit CallTable(const KernelSymbols& symbols) {
    for (const KernelSymbol& symbol : symbols.symbols) {
      if ((symbol.type != 'T' && symbol.type != 't') || !symbol.name.starts_with("__") ||
          symbol.name.find('.') != std::string_view::npos)
        continue;
      if (symbol.name.starts_with("__x64_sys_")) of_64.insert(symbol.name.substr(10));
      if (symbol.name.starts_with("__ia32_sys_")) of_32.insert(symbol.name.substr(11));
      if (symbol.name.starts_with("__ia32_compat_sys_")) of_32.insert(symbol.name.substr(18));
    }
  }
};

}  // namespace

std::string_view keep(Inventory& inventory, std::string text) {
  return inventory.made.emplace_back(std::move(text));
}

void add_tracepoints(Inventory& inventory, KernelWords& words) {
  Systems systems;
  std::unordered_map<std::string_view, std::string_view> modules;
  std::vector<Place> raw;
  for (const KernelSymbol& symbol : words.symbols.symbols) {
    if (!symbol.is_code() || !symbol.name.starts_with(k_caller)) continue;
    const std::string_view name = symbol.name.substr(k_caller.size());
    if (!symbol.module.empty()) modules.emplace(name, symbol.module);
    raw.push_back({.kind = PlaceKind::raw_tracepoint, .name = name, .module = symbol.module});
  }
  const auto module_of = [&modules](std::string_view event) {
    const auto found = modules.find(event);
    return found == modules.end() ? std::string_view{} : found->second;
  };

  if (words.tracing.events) {
    std::string_view rest = keep(inventory, std::move(*words.tracing.events));
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string_view system = line.substr(0, colon);
      const std::string_view event = line.substr(colon + 1);
      systems.add(system, event);
      inventory.places.push_back({.kind = PlaceKind::tracepoint,
                                  .subsystem = subsystem_of_tracepoint(system, event),
                                  .name = line,
                                  .module = module_of(event)});
    }
    words.tracing.events.emplace();  // it was there
  }
  for (Place& place : raw) {
    place.subsystem = systems.find(place.name);
    inventory.places.push_back(place);
  }
  for (const NamedType& type : words.types.btf_tracepoints)
    inventory.places.push_back({.kind = PlaceKind::btf_tracepoint,
                                .subsystem = systems.find(type.name),
                                .name = keep(inventory, std::string(type.name)),
                                .module = module_of(type.name)});
}

void add_calls(Inventory& inventory, KernelWords& words) {
  const CallTable table(words.symbols);
  std::set<std::string_view> named;  // functions that a known call has
  const auto add = [&](std::string_view name, std::string function) {
    Subsystem subsystem = subsystem_of_syscall(name);
    inventory.places.push_back({.kind = PlaceKind::syscall,
                                .subsystem = subsystem,
                                .name = name,
                                .detail = keep(inventory, std::move(function))});
  };
  for (const std::string_view name : syscall_names()) {
    const auto numbers = syscall_numbers(name);
    for (const std::string& spelling : call_spellings(name)) {
      const auto of_64 = table.of_64.find(spelling);
      const auto of_32 = table.of_32.find(spelling);
      const bool here_64 = numbers.table_64 && of_64 != table.of_64.end();
      const bool here_32 =
          !numbers.table_64 && (of_32 != table.of_32.end() || of_64 != table.of_64.end());
      if (!here_64 && !here_32) continue;
      for (const std::string& other : call_spellings(name)) {
        if (const auto found = table.of_64.find(other); found != table.of_64.end())
          named.insert(*found);
        if (const auto found = table.of_32.find(other); found != table.of_32.end())
          named.insert(*found);
      }
      add(name, (here_64 ? "__x64_sys_" : "__ia32_sys_") + spelling);
      break;
    }
  }
  // Calls that are younger than the tables we have them from.
  for (const std::string_view function : table.of_64)
    if (!named.contains(function) && function != "ni_syscall")
      add(function, "__x64_sys_" + std::string(function));
}

}  // namespace gancho
