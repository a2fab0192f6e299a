// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gancho {

// A cgroup of the v2 hierarchy as the programs compare it.
struct CgroupId {
  std::uint64_t id = 0;
  std::uint32_t level = 0;  // 0: the hierarchy's root
};

// `path` is below `mount` ("/sys/fs/cgroup/a.slice") or, as in /proc/PID/cgroup, below the
// hierarchy's root ("/a.slice"). `mount` is where the v2 hierarchy is mounted.
[[nodiscard]] Result<CgroupId> find_cgroup(std::string_view path, const std::string& mount);

// Whose cgroups say which container a process is in: those of version 2, or, where a controller
// that every container is put under is bound to version 1, that controller's.
struct ContainerHierarchy {
  std::uint32_t kind = 0;  // enum container_hierarchy
  std::string mounted_at;  // "" when it is not to be seen
};
[[nodiscard]] ContainerHierarchy container_hierarchy(const std::string& cgroup2_at);

// The kind, from the text of /proc/cgroups.
[[nodiscard]] std::uint32_t container_hierarchy_kind(std::string_view proc_cgroups);

}  // namespace gancho
