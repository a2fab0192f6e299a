// SPDX-License-Identifier: Apache-2.0
//
// Functions: what the table of symbols has, with what BTF, ftrace and the blacklist say of each.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <unordered_map>

#include "map/classify.h"
#include "map/inventory_parts.h"

namespace gancho {
namespace {

// How many silent names in a row are given to their neighbours. Files of the kernel seldom have
// more functions than that; a longer silence may well span a border between folders.
constexpr std::size_t k_reach = 64;

// Parts of functions, what stands before them for the compiler's sake, jumps and what BPF made.
bool is_function(const KernelSymbol& symbol) {
  if (!symbol.is_code() || symbol.name.empty()) return false;
  if (symbol.name.find(".cold") != std::string_view::npos) return false;
  if (symbol.name.starts_with("__pfx_") || symbol.name.starts_with("__cfi_") ||
      symbol.name.starts_with("__SCT__") || symbol.name.starts_with("__SCK__"))
    return false;
  return symbol.module != "bpf" && !symbol.module.starts_with("__builtin__");
}

using Index = std::unordered_multimap<std::string_view, std::size_t>;

// Of this name, in that module.
void mark(Index& index, std::span<Place> functions, const NamedType& which, std::uint8_t ways) {
  const auto [begin, end] = index.equal_range(which.name);
  for (auto at = begin; at != end; ++at)
    if (functions[at->second].module == which.module) functions[at->second].ways |= ways;
}

// "vfs_read" or "nf_hook [nf_tables]", at times with what BPF has attached behind it.
NamedType traceable_line(std::string_view line) {
  NamedType found{.name = line.substr(0, line.find_first_of(" \t")), .module = {}};
  const std::size_t open = line.find('[');
  const std::size_t close = line.find(']');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close)
    found.module = line.substr(open + 1, close - open - 1);
  return found;
}

template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) visit(line);
  }
}

}  // namespace

void add_functions(Inventory& inventory, KernelWords& words) {
  std::vector<Place> functions;
  std::vector<Subsystem> by_name;
  Index index;
  index.reserve(words.symbols.symbols.size() / 2);
  bool kprobes = false;
  bool fprobes = false;
  bool start_only = false;  // code that is gone when the kernel has started
  for (const KernelSymbol& symbol : words.symbols.symbols) {
    if (symbol.name == "_sinittext") start_only = true;
    if (symbol.name == "_einittext") start_only = false;
    if (symbol.name == "register_kprobe") kprobes = true;
    if (symbol.name == "register_fprobe_ips") fprobes = true;
    if (start_only || !is_function(symbol)) continue;
    const Subsystem found = symbol.module.empty() ? subsystem_of_function(symbol.name)
                                                  : subsystem_of_module(symbol.module);
    by_name.push_back(found);
    functions.push_back(
        {.kind = PlaceKind::function, .name = symbol.name, .module = symbol.module});
  }
  // Before equal names are merged: here they still stand in the order of the source.
  fill_from_neighbours(by_name, k_reach);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const auto [begin, end] = index.equal_range(functions[i].name);
    const bool again = std::any_of(begin, end, [&](const auto& other) {
      return functions[other.second].module == functions[i].module;
    });
    if (again) continue;
    functions[kept] = functions[i];
    functions[kept].subsystem = by_name[i];
    if (functions[kept].subsystem == Subsystem::unknown && !functions[kept].module.empty())
      functions[kept].subsystem = subsystem_of_function(functions[kept].name);
    if (kprobes) functions[kept].ways |= way::probes;
    if (fprobes) functions[kept].ways |= way::fprobes;
    if (words.tracing.functions) functions[kept].ways |= way::told;
    index.emplace(functions[kept].name, kept);
    ++kept;
  }
  functions.resize(kept);

  for (const NamedType& function : words.types.functions)
    mark(index, functions, function, way::typed);
  if (words.tracing.functions)
    for_each_line(*words.tracing.functions, [&](std::string_view line) {
      mark(index, functions, traceable_line(line), way::traceable);
    });
  if (words.tracing.blacklist)
    for_each_line(*words.tracing.blacklist, [&](std::string_view line) {
      const std::size_t tab = line.find('\t');
      if (tab != std::string_view::npos)
        mark(index, functions, traceable_line(line.substr(tab + 1)), way::blacklisted);
    });
  if (!kprobes && !words.symbols.symbols.empty()) inventory.gaps.push_back(Gap::kprobes);
  if (kprobes && !words.tracing.blacklist) inventory.gaps.push_back(Gap::blacklist);
  // Names of modules are views of the table of symbols too.
  inventory.places.insert(inventory.places.end(), functions.begin(), functions.end());
}

}  // namespace gancho
