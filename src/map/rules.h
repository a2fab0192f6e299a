// SPDX-License-Identifier: Apache-2.0
//
// The tables behind classify.h. Each line says: of this subsystem are the names that fit one of
// these patterns (see fits()); the first line that fits wins, so the exceptions stand first.
#pragma once

#include <span>
#include <string_view>

#include "map/subsystem.h"

namespace gancho {

struct Rule {
  Subsystem subsystem;
  std::string_view patterns;  // with blanks between them
};

[[nodiscard]] std::span<const Rule> tracepoint_rules();  // "system:event", "system:*"
[[nodiscard]] std::span<const Rule> lsm_rules();
[[nodiscard]] std::span<const Rule> syscall_rules();
[[nodiscard]] std::span<const Rule> module_rules();
[[nodiscard]] std::span<const Rule> function_rules();
[[nodiscard]] std::span<const Rule> kfunc_rules();
[[nodiscard]] std::span<const Rule> iterator_rules();
[[nodiscard]] std::span<const Rule> struct_ops_rules();
[[nodiscard]] std::span<const Rule> cgroup_rules();
[[nodiscard]] std::span<const Rule> perf_rules();

}  // namespace gancho
