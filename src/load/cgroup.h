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

}  // namespace gancho
