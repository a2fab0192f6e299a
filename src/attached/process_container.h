// SPDX-License-Identifier: Apache-2.0
//
// In which container a process is, by the text of /proc/PID/cgroup: as the programs decide it in
// the kernel (bpf/container.bpf.h). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gancho {

// The id; "" on the host. `hierarchy`: whose cgroups say it, enum container_hierarchy
// (load/cgroup.h).
[[nodiscard]] std::string container_of(std::string_view proc_cgroup, std::uint32_t hierarchy);

}  // namespace gancho
