// SPDX-License-Identifier: Apache-2.0
#include "load/hook_kind.h"

#include <array>

namespace gancho {
namespace {

constexpr std::string_view k_trampoline =
    "BPF trampolines: CONFIG_FUNCTION_TRACER, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS";
constexpr std::string_view k_hooks = "hooks";
constexpr std::string_view k_packets = "packets";
constexpr std::string_view k_programs = "programs";
constexpr std::string_view k_maps = "maps";

using enum HookKind;

constexpr auto k_kinds = std::to_array<HookKindDesc>({
    {tracepoint, "tracepoint", "tp", k_hooks, false, "CONFIG_TRACEPOINTS, CONFIG_BPF_EVENTS"},
    {raw_tracepoint, "raw tracepoint", "raw_tp", k_hooks, false, "CONFIG_TRACEPOINTS"},
    {tp_btf, "BTF tracepoint", "tp_btf", k_hooks, true, "CONFIG_DEBUG_INFO_BTF"},
    {kprobe, "kprobe", "kprobe", k_hooks, false, "CONFIG_KPROBES, CONFIG_KPROBE_EVENTS"},
    {kretprobe, "kretprobe", "kretprobe", k_hooks, false, "CONFIG_KRETPROBES"},
    {kprobe_multi, "kprobe.multi", "kprobe_multi", k_hooks, false, "Linux 5.18, CONFIG_FPROBE"},
    {fentry, "fentry", "fentry", k_hooks, false, k_trampoline},
    {fexit, "fexit", "fexit", k_hooks, false, k_trampoline},
    {fmod_ret, "fmod_ret", "fmod_ret", k_hooks, false, k_trampoline},
    {lsm, "LSM", "lsm", k_hooks, false, "CONFIG_BPF_LSM, BPF trampolines, \"bpf\" in lsm="},
    {iter, "iterator", "iter", k_hooks, false, "Linux 5.8"},
    {iter_sleepable, "sleepable iterator", "iter_s", k_hooks, false, "Linux 5.18"},
    {uprobe, "uprobe", "uprobe", k_hooks, false, "CONFIG_UPROBES"},
    {uretprobe, "uretprobe", "uretprobe", k_hooks, false, "CONFIG_UPROBES"},
    {perf_event, "perf event", "perf_event", k_hooks, false, "CONFIG_PERF_EVENTS"},
    {xdp, "XDP", "xdp", k_packets, false, "CONFIG_NET"},
    {tc, "tc (clsact)", "tc", k_packets, false, "CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS"},
    {tcx, "tcx", "tcx", k_packets, false, "Linux 6.6, CONFIG_NET_XGRESS"},
    {netfilter, "Netfilter", "netfilter", k_packets, false, "Linux 6.4, CONFIG_NETFILTER_BPF_LINK"},
    {cgroup_skb, "cgroup packets", "cgroup_skb", k_packets, false, "CONFIG_CGROUP_BPF"},
    {cgroup_connect, "cgroup connect", "cgroup_connect", k_packets, false, "CONFIG_CGROUP_BPF"},
    {socket_filter, "socket filter", "socket", k_packets, false, "CONFIG_NET"},
    {struct_ops, "struct_ops", "struct_ops", k_programs, false, "Linux 5.6, CONFIG_BPF_JIT"},
    {sleepable, "sleepable", "", k_programs, false, "Linux 5.10"},
    {loop, "bpf_loop", "", k_programs, false, "Linux 5.17"},
    {dynptr, "dynptr", "", k_programs, false, "Linux 5.19"},
    {kfunc, "kfuncs in tracing", "", k_programs, false, "Linux 6.2"},
    {ring_buffer, "ring buffer", "", k_maps, true, "Linux 5.8"},
    {task_storage, "task storage", "", k_maps, true, "Linux 5.11"},
    {array_of_maps, "array of maps", "", k_maps, false, "Linux 4.12"},
});

consteval bool in_order() {
  for (std::size_t i = 0; i < k_kinds.size(); ++i) {
    if (static_cast<std::size_t>(k_kinds[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "describe() looks a kind up by its number");

}  // namespace

std::span<const HookKindDesc> hook_kinds() {
  return k_kinds;
}

const HookKindDesc& describe(HookKind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}

std::optional<ProgramName> parse_program_name(std::string_view name) {
  const auto separator = name.find("__");
  if (separator == std::string_view::npos || separator == 0) return std::nullopt;
  std::string_view prefix = name.substr(0, separator);
  // However many functions they are attached to at once, they are kprobes.
  if (prefix == "probe") prefix = "kprobe";
  if (prefix == "retprobe") prefix = "kretprobe";
  for (const HookKindDesc& desc : k_kinds) {
    if (desc.prefix == prefix) return ProgramName{desc.kind, name.substr(separator + 2)};
  }
  return std::nullopt;
}

}  // namespace gancho
