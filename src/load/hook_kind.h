// SPDX-License-Identifier: Apache-2.0
//
// The ways into the kernel that the agent knows, and what a trial of one of them found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gancho {

enum class HookKind : std::uint8_t {
  tracepoint,
  raw_tracepoint,
  tp_btf,
  kprobe,
  kretprobe,
  kprobe_multi,
  fentry,
  fexit,
  fmod_ret,
  lsm,
  iter,
  iter_sleepable,
  uprobe,
  uretprobe,
  perf_event,
  xdp,
  tc,
  tcx,
  netfilter,
  cgroup_skb,
  cgroup_connect,
  socket_filter,
  struct_ops,
  sleepable,
  loop,
  dynptr,
  kfunc,
  ring_buffer,
  task_storage,
  array_of_maps,
};

struct HookKindDesc {
  HookKind kind;
  std::string_view name;    // as reports have it: "kprobe.multi"
  std::string_view prefix;  // of program names, KIND__TARGET; "" when programs have no target
  std::string_view group;   // "hooks", "packets", "maps", "programs"
  bool required;            // the agent cannot run without it
  std::string_view needs;   // what a kernel must have: "Linux 6.4, CONFIG_NETFILTER_BPF_LINK"
};

// All of them, in the order of the enumeration, which is that of reports.
[[nodiscard]] std::span<const HookKindDesc> hook_kinds();
[[nodiscard]] const HookKindDesc& describe(HookKind kind);

enum class Outcome : std::uint8_t { works, refused, not_tried };

struct HookResult {
  HookKind kind{};
  Outcome outcome = Outcome::not_tried;
  int error = 0;       // positive errno when refused by the kernel
  std::string tried;   // what was done: "attached to bpf_fentry_test1, which only BPF's tests call"
  std::string reason;  // why refused, or why not tried; "" when it works
  std::string remedy;  // what a person can do about it; "" when nothing
};

// "fexit____x64_sys_execve": fexit, "__x64_sys_execve". The kind ends at the first "__".
struct ProgramName {
  HookKind kind;
  std::string_view target;
};
[[nodiscard]] std::optional<ProgramName> parse_program_name(std::string_view name);

}  // namespace gancho
