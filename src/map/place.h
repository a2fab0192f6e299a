// SPDX-License-Identifier: Apache-2.0
//
// A place where one can hook into the kernel, or call into it from a BPF program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "map/subsystem.h"

namespace gancho {

enum class PlaceKind : std::uint8_t {
  syscall,
  tracepoint,
  raw_tracepoint,
  btf_tracepoint,
  lsm,
  function,
  iterator,
  kfunc,
  struct_ops,
  cgroup,
  xdp,
  tc,
  tcx,
  netkit,
  netfilter,
  perf_event,
};

inline constexpr std::size_t k_place_kinds = 16;

// "raw_tracepoint": stable, in JSON.
[[nodiscard]] constexpr std::string_view place_kind_name(PlaceKind kind) {
  constexpr std::array<std::string_view, k_place_kinds> k_names{
      "syscall",  "tracepoint", "raw_tracepoint", "btf_tracepoint", "lsm", "function",
      "iterator", "kfunc",      "struct_ops",     "cgroup",         "xdp", "tc",
      "tcx",      "netkit",     "netfilter",      "perf_event"};
  return k_names[static_cast<std::size_t>(kind)];
}
[[nodiscard]] constexpr std::optional<PlaceKind> find_place_kind(std::string_view name) {
  for (std::size_t i = 0; i < k_place_kinds; ++i)
    if (place_kind_name(static_cast<PlaceKind>(i)) == name) return static_cast<PlaceKind>(i);
  return std::nullopt;
}

// What is known of a function: bits.
namespace way {
inline constexpr std::uint8_t typed = 1 << 0;        // its prototype is in BTF
inline constexpr std::uint8_t traceable = 1 << 1;    // ftrace can patch its entry
inline constexpr std::uint8_t blacklisted = 1 << 2;  // a kprobe there could bring the kernel down
inline constexpr std::uint8_t told = 1 << 4;         // the kernel says which are traceable
inline constexpr std::uint8_t probes = 1 << 3;       // the kernel has kprobes at all
inline constexpr std::uint8_t fprobes = 1 << 5;      // and one program can be at many functions
}  // namespace way

struct Place {
  PlaceKind kind{};
  Subsystem subsystem = Subsystem::unknown;
  std::uint8_t ways = 0;      // functions only
  std::string_view name;      // "sched:sched_switch", "vfs_read", "xdp eth0"
  std::string_view module{};  // whose it is; "" for the kernel's own
  std::string_view detail{};  // kind's own: the function behind a system call, an interface's modes
};

}  // namespace gancho
