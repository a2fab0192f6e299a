// SPDX-License-Identifier: Apache-2.0
//
// Where one can hook into the running kernel: read from its own types, symbols and file systems.
// Nothing is attached or loaded for it.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "map/interfaces.h"
#include "map/place.h"
#include "map/symbols.h"
#include "map/tracing_files.h"
#include "map/types.h"

namespace gancho {

// What could not be read, and is therefore missing.
enum class Gap : std::uint8_t {
  types,
  symbols,
  tracepoints,
  traceable,
  blacklist,
  kprobes,
  lsm,
  attached
};

struct Inventory {
  std::string release;        // "6.12.94+deb12-amd64"
  std::string architecture;   // "x86_64"
  std::vector<Place> places;  // by kind, then by name
  std::vector<Gap> gaps;
  std::optional<KernelTypes> types;

  // What places' names are views of: kept with them.
  std::vector<std::shared_ptr<const void>> texts;
  std::deque<std::string> made;

  Inventory() = default;
  Inventory(Inventory&&) = default;
  Inventory& operator=(Inventory&&) = default;
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;
  ~Inventory() = default;

  [[nodiscard]] bool lacks(Gap gap) const;
  [[nodiscard]] std::span<const Place> of_kind(PlaceKind kind) const;
};

// fentry, fexit and fmod_ret need both; a kprobe what ftrace can patch and the kernel does not
// forbid (kernel/trace/trace_kprobe.c). Where the kernel hides which those are, none is.
[[nodiscard]] bool takes_fentry(const Place& function);
[[nodiscard]] bool takes_kprobe(const Place& function);

// What read_inventory() is made of, so that a test can make its own.
struct KernelWords {
  TypeNames types;
  KernelSymbols symbols;
  TracingFiles tracing;
  std::vector<std::string> perf_events;
  std::vector<Interface> interfaces;
};

[[nodiscard]] Inventory make_inventory(KernelWords words);

// Of the kernel that runs and the network namespace that we are in. What cannot be read is a gap,
// not an error.
[[nodiscard]] Inventory read_inventory();

// How many places there are, by subsystem and by what they are counted as.
enum class Count : std::uint8_t {
  syscalls,
  tracepoints,
  raw_tracepoints,
  btf_tracepoints,
  lsm,
  functions,
  fentry,   // functions that take fentry and fexit
  kprobe,   // functions that take a kprobe
  refused,  // functions that take neither; none where the kernel does not tell
  iterators,
  kfuncs,
  struct_ops,
  cgroup,
  interfaces,  // XDP, tc, tcx, netkit
  netfilter,
  perf_events,
};
inline constexpr std::size_t k_counts = 16;
// "fentry": stable, in JSON.
[[nodiscard]] constexpr std::string_view count_name(Count count) {
  constexpr std::array<std::string_view, k_counts> k_names{
      "syscalls", "tracepoints", "raw_tracepoints", "btf_tracepoints", "lsm",    "functions",
      "fentry",   "kprobe",      "refused",         "iterators",       "kfuncs", "struct_ops",
      "cgroup",   "interfaces",  "netfilter",       "perf_events"};
  return k_names[static_cast<std::size_t>(count)];
}

using Counts = std::array<std::size_t, k_counts>;

// By number of the subsystem.
[[nodiscard]] std::array<Counts, k_subsystems> count_places(const Inventory& inventory);
[[nodiscard]] bool counts_as(const Place& place, Count count);

}  // namespace gancho
