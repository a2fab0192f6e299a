// SPDX-License-Identifier: Apache-2.0
//
// To which of the kernel's subsystems a name belongs: tables of patterns (rules_*.cpp), the first
// that fits wins. Pure. Names are what a kernel gives us; the tables are what we know of the
// kernel's source: in which of its folders things of such names are.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "map/subsystem.h"

namespace gancho {

// "vfs_read" fits itself, "vfs_*" what begins so, "*_iter" what ends so, "*dev*" what has it
// inside.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view name);

// `system` as tracefs has it ("sched"), `event` without it ("sched_switch").
[[nodiscard]] Subsystem subsystem_of_tracepoint(std::string_view system, std::string_view event);
// Without the "bpf_lsm_" of its function.
[[nodiscard]] Subsystem subsystem_of_lsm_hook(std::string_view hook);
// By the name of the call, or of its function without "__x64_sys_": the subsystem that serves it.
[[nodiscard]] Subsystem subsystem_of_syscall(std::string_view call);
// A kernel module, as /proc/modules calls it.
[[nodiscard]] Subsystem subsystem_of_module(std::string_view module);
// By the function's name alone; `unknown` for most of those that a file keeps for itself.
[[nodiscard]] Subsystem subsystem_of_function(std::string_view function);
// What a program may call: kernel functions made for BPF bear the name of what they are for.
[[nodiscard]] Subsystem subsystem_of_kfunc(std::string_view function);
// "tcp", "task_file"; "tcp_congestion_ops"; "BPF_CGROUP_DEVICE"; "software:page-faults".
[[nodiscard]] Subsystem subsystem_of_iterator(std::string_view target);
[[nodiscard]] Subsystem subsystem_of_struct_ops(std::string_view structure);
[[nodiscard]] Subsystem subsystem_of_cgroup_type(std::string_view type);
[[nodiscard]] Subsystem subsystem_of_perf_event(std::string_view event);

// The linker lays functions down in the order of the source folders. `known` is what the names of
// functions say, in the order of their addresses: between two that say the same, with at most
// `reach` silent ones in a row, the silent ones are of the same folder.
void fill_from_neighbours(std::span<Subsystem> known, std::size_t reach);

}  // namespace gancho
