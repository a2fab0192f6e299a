// SPDX-License-Identifier: Apache-2.0
//
// Since which release of Linux programs can be attached in a way. Distributions bring some of it
// into older kernels: what the running one has is in the inventory, this is for whoever plans for
// others.
#pragma once

#include <span>
#include <string_view>

namespace gancho {

struct Since {
  std::string_view way;      // as program_kinds() has it: "fentry", "cgroup_sysctl"
  std::string_view release;  // "5.5"
  std::string_view commit;   // that brought it, of torvalds/linux
};

[[nodiscard]] std::span<const Since> all_since();

// "5.5"; "" when it is not known.
[[nodiscard]] std::string_view linux_since(std::string_view way);

}  // namespace gancho
