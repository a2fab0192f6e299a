// SPDX-License-Identifier: Apache-2.0
//
// What the families of this room (files.h ...) are put together with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "event/join.h"
#include "event/room.h"
#include "syscalls/syscalls.h"

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
          .text = text,
          .container = offsetof(ev_call, container)};
}

// Programs, KIND__TARGET as hooks.list has them, that one event needs. The first gives the hook its
// name.
template <std::size_t N>
using Programs = std::array<std::string_view, N>;

inline constexpr Programs<0> k_none;

inline constexpr Programs<2> k_bare_programs{"tp_btf__sys_enter", "tp_btf__sys_exit"};
// Requests of an io_uring, where its tracepoints give the request (bare_rings.bpf.h).
inline constexpr Programs<4> k_bare_rings{
    "tp_btf__io_uring_submit_req", "tp_btf__io_uring_submit_sqe", "tp_btf__io_uring_complete",
    "tp_btf__io_uring_cqe_overflow"};

template <const auto& k_programs, const auto& k_helpful>
inline constexpr HookCandidate k_best{
    .name = k_programs[0].substr(k_programs[0].find("__") + 2),
    .programs = k_programs,
    .helpful = k_helpful,
    .lost = "",
};

template <const auto& k_programs, const auto& k_helpful>
inline constexpr std::array k_hook{k_best<k_programs, k_helpful>};

// And, where that cannot be had, from the tracepoints of all system calls (bare.bpf.h).
template <const auto& k_programs, const auto& k_helpful, const std::string_view& k_lost,
          const auto& k_bare, const auto& k_bare_helpful>
inline constexpr std::array k_hook_or_bare{k_best<k_programs, k_helpful>,
                                           HookCandidate{.name = "tp_btf sys_enter, sys_exit",
                                                         .programs = k_bare,
                                                         .helpful = k_bare_helpful,
                                                         .lost = k_lost,
                                                         .on_every_call = true}};

// What is lost then.
inline constexpr std::string_view k_no_bare;  // all of it: not to be had by tracepoints
inline constexpr std::string_view k_bare_cost = "every system call of the machine takes longer";

template <const auto& k_programs, const auto& k_helpful, const std::string_view& k_bare_lost,
          const auto& k_bare, const auto& k_bare_helpful>
constexpr std::span<const HookCandidate> candidates() {
  if constexpr (k_bare_lost.empty()) {
    return k_hook<k_programs, k_helpful>;
  } else {
    return k_hook_or_bare<k_programs, k_helpful, k_bare_lost, k_bare, k_bare_helpful>;
  }
}

constexpr SignalDesc call_signal(std::string_view name, std::string_view meaning, ev_type serves,
                                 std::string_view remedy,
                                 std::span<const HookCandidate> candidates) {
  return {.name = name,
          .meaning = meaning,
          .optional = true,
          .candidates = candidates,
          .lost = meaning,
          .remedy = remedy,
          .serves = {serves},
          .whole = true};
}

// From functions that hooks.list names as probe and retprobe. Helpful: programs that are attached
// too where the kernel has the function.
template <const auto& k_programs, const auto& k_helpful = k_none,
          const std::string_view& k_bare_lost = k_no_bare, const auto& k_bare = k_bare_programs,
          const auto& k_bare_helpful = k_none>
constexpr SignalDesc probe_signal(std::string_view name, std::string_view meaning, ev_type serves) {
  return call_signal(name, meaning, serves,
                     "use a kernel with kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)",
                     candidates<k_programs, k_helpful, k_bare_lost, k_bare, k_bare_helpful>());
}

// From fentry and fexit: what happens too often for a probe.
template <const auto& k_programs, const auto& k_helpful = k_none,
          const std::string_view& k_bare_lost = k_no_bare, const auto& k_bare = k_bare_programs,
          const auto& k_bare_helpful = k_none>
constexpr SignalDesc trampoline_signal(std::string_view name, std::string_view meaning,
                                       ev_type serves) {
  return call_signal(name, meaning, serves,
                     "use a kernel with BPF trampolines (CONFIG_FUNCTION_TRACER, "
                     "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
                     candidates<k_programs, k_helpful, k_bare_lost, k_bare, k_bare_helpful>());
}

}  // namespace gancho::syscalls
