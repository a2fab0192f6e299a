// SPDX-License-Identifier: Apache-2.0
//
// The parts of the kernel as textbooks draw them between applications and hardware.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gancho {

enum class Subsystem : std::uint8_t {
  syscalls,
  process,
  memory,
  vfs,
  block,
  drivers,
  network,
  core,     // what all of them stand on: locks, timers' base, tracing, libraries
  unknown,  // no rule speaks of it
};

// From applications to hardware.
inline constexpr std::array k_the_seven{Subsystem::syscalls, Subsystem::process, Subsystem::memory,
                                        Subsystem::vfs,      Subsystem::block,   Subsystem::drivers,
                                        Subsystem::network};

inline constexpr std::size_t k_subsystems = 9;

// "process", "core", "unknown": stable, in JSON and on the command line.
[[nodiscard]] constexpr std::string_view subsystem_name(Subsystem subsystem) {
  constexpr std::array<std::string_view, k_subsystems> k_names{
      "syscalls", "process", "memory", "vfs", "block", "drivers", "network", "core", "unknown"};
  return k_names[static_cast<std::size_t>(subsystem)];
}

// nullopt for a word that is none of them.
[[nodiscard]] constexpr std::optional<Subsystem> find_subsystem(std::string_view name) {
  for (std::size_t i = 0; i < k_subsystems; ++i)
    if (subsystem_name(static_cast<Subsystem>(i)) == name) return static_cast<Subsystem>(i);
  return std::nullopt;
}

}  // namespace gancho
