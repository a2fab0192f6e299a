// SPDX-License-Identifier: Apache-2.0
//
// What the families of this room (files.h ...) are put together with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "event/room.h"

namespace gancho::syscalls {

template <class Wire>
constexpr EventDesc call_event(ev_type type, std::string_view name, std::string_view group,
                               std::string_view meaning, std::span<const FieldDesc> fields,
                               void (*text)(const EventView&, TextLine&)) {
  return {.type = static_cast<std::uint16_t>(type),
          .name = name,
          .group = group,
          .meaning = meaning,
          .class_id = EV_CLASS_BULK,
          .size = sizeof(Wire),
          .fields = fields,
          .text = text};
}

// Programs, KIND__TARGET as hooks.list has them, that one event needs. The first gives the hook its
// name.
template <std::size_t N>
using Programs = std::array<std::string_view, N>;

template <const auto& k_programs>
inline constexpr std::array k_hook{
    HookCandidate{.name = k_programs[0].substr(k_programs[0].find("__") + 2),
                  .programs = k_programs,
                  .lost = ""}};

constexpr SignalDesc call_signal(std::span<const HookCandidate> hooks, std::string_view name,
                                 std::string_view meaning, ev_type serves,
                                 std::string_view remedy) {
  return {.name = name,
          .meaning = meaning,
          .optional = true,
          .candidates = hooks,
          .lost = meaning,
          .remedy = remedy,
          .serves = {serves}};
}

// From functions that hooks.list names as probe and retprobe.
constexpr SignalDesc probe_signal(std::span<const HookCandidate> hooks, std::string_view name,
                                  std::string_view meaning, ev_type serves) {
  return call_signal(hooks, name, meaning, serves,
                     "use a kernel with kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)");
}
template <const auto& k_programs>
constexpr SignalDesc probe_signal(std::string_view name, std::string_view meaning, ev_type serves) {
  return probe_signal(k_hook<k_programs>, name, meaning, serves);
}

// From fentry and fexit: what happens too often for a probe.
constexpr SignalDesc trampoline_signal(std::span<const HookCandidate> hooks, std::string_view name,
                                       std::string_view meaning, ev_type serves) {
  return call_signal(hooks, name, meaning, serves,
                     "use a kernel with BPF trampolines (CONFIG_FUNCTION_TRACER, "
                     "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)");
}
template <const auto& k_programs>
constexpr SignalDesc trampoline_signal(std::string_view name, std::string_view meaning,
                                       ev_type serves) {
  return trampoline_signal(k_hook<k_programs>, name, meaning, serves);
}

// One table out of several.
template <class T, std::size_t... Sizes>
constexpr auto join(const std::array<T, Sizes>&... tables) {
  std::array<T, (Sizes + ...)> joined{};
  std::size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const T& row : table) joined[at++] = row;
  };
  (append(tables), ...);
  return joined;
}

}  // namespace gancho::syscalls
