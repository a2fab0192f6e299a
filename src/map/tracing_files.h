// SPDX-License-Identifier: Apache-2.0
//
// What tracefs, debugfs and sysfs list. Mounted or not: tracefs is opened without a place in the
// tree (load/pseudo_fs.h), so that a look leaves no trace. All of it is root's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gancho {

struct TracingFiles {
  // Whole files; nullopt when they could not be read.
  std::optional<std::string> events;     // "sched:sched_switch", a line each
  std::optional<std::string> functions;  // "vfs_read", "nf_hook [nf_tables]": what ftrace can patch
  std::optional<std::string> blacklist;  // "0xffff...-0xffff...\tname"
};

[[nodiscard]] TracingFiles read_tracing_files();

// "field:pid_t prev_pid; offset:24; size:4; signed:1;" ... of one tracepoint.
[[nodiscard]] Result<std::string> read_tracepoint_format(const std::string& system,
                                                         const std::string& event);

// "software", "cpu:cycles" ...: who counts, and what by name, of /sys/bus/event_source/devices.
[[nodiscard]] std::vector<std::string> read_perf_events();

}  // namespace gancho
