// SPDX-License-Identifier: Apache-2.0
//
// A place by the name that a person gives it, and what is known of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "map/inventory.h"

namespace gancho {

// Those that bear the name: "vfs_read"; "sched:sched_switch" or "sched_switch"; "file_open",
// "bpf_lsm_file_open"; "openat" or "__x64_sys_openat"; "xdp eth0", "tc eth0", "eth0";
// "local_in"; "page-faults". By kind, those first that one would take first.
[[nodiscard]] std::vector<const Place*> find_places(const Inventory& inventory,
                                                    std::string_view name);

// "; did you mean "vfs_read"?", or else a few names that have the word inside; "" when none has.
[[nodiscard]] std::string similar_places(const Inventory& inventory, std::string_view name);

// How programs are attached there: "fentry", "fexit", "kprobe" ...; none where nothing can be.
[[nodiscard]] std::vector<std::string_view> program_kinds(const Place& place);

// Its arguments: of a tracepoint and of a system call the fields that tracefs has of it (root),
// else what the types say. nullopt when neither knows.
[[nodiscard]] std::optional<Prototype> arguments_of(const Inventory& inventory, const Place& place);

// The fields of a tracepoint's format file, without those that all of them have.
[[nodiscard]] Prototype parse_format(std::string_view format);

}  // namespace gancho
