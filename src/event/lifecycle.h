// SPDX-License-Identifier: Apache-2.0
//
// How processes come, change and go, as the core understands it. A room that has such records says
// what each means (EventDesc::lifecycle); the process table (src/enrich/process_table.h) is made
// from that and from nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/task.h"

namespace gancho {

// One process for as long as the machine is up: process ids come back, start times do not.
struct ProcessKey {
  std::uint32_t pid = 0;         // 0: none, or not known
  std::uint64_t start_time = 0;  // boot clock, ns
  bool operator==(const ProcessKey&) const = default;
};

// The program that a process runs, as it was when it was executed, or found running. All bytes
// belong to whoever gave it.
struct Program {
  ProcessKey executor;                  // who executed it; a forked child runs its parent's
  std::string_view exepath;             // seen from the process's root
  std::string_view exehostpath;         // the same as far up as mounts go
  std::string_view args;                // each ends with NUL
  std::optional<std::string_view> env;  // the same, NAME=VALUE; nullopt: nobody asked for it then
  std::string_view cwd;                 // seen from the process's root
  std::string_view tty_name;            // of the controlling terminal
  std::string_view cgroup;              // names from the leaf up, each ends with NUL
  std::string_view lineage;             // ev_ancestor[], nearest first
  ev_credentials credentials{};         // UINT32_MAX in its ids: not known
  ev_namespaces namespaces{};
  std::uint64_t cgroup_id = 0;
  std::uint64_t exe_ino =
      0;  // of its file; 0: that was not read, and so the next two are not known
  std::uint32_t loginuid = UINT32_MAX;
  std::uint32_t sid = 0;
  std::uint32_t vpid = 0;
  std::uint32_t tty = 0;  // device, major << 20 | minor; 0: none
  bool args_truncated = false;
  bool env_truncated = false;
  bool lineage_truncated = false;
  bool kernel = false;       // a thread of the kernel's own
  bool from_memfd = false;   // lives in memory only
  bool upper_layer = false;  // its file lies in an overlay's upper layer
};

struct Lifecycle {
  enum class Change : std::uint8_t {
    forked,    // parent: who called fork
    executed,  // program; parent: as it was then
    ended,
    found,  // was there before us: program; parent: as it is now
  };
  Change change{};
  ProcessKey process;
  ProcessKey parent;
  std::uint32_t exec_count = 0;
  std::uint64_t time = 0;  // boot clock, ns
  std::string_view name;   // of the thread
  Program program;
  std::int32_t exit_status = 0;   // ended: as exit(2) was given it
  std::uint32_t exit_signal = 0;  // ended: 0 for none
};

// What is known of a process. Views are good until the facts change.
struct ProcessFacts {
  ProcessKey process;
  ProcessKey parent;  // who forked it, be it dead; of one that was there before us, its parent then
  std::uint32_t exec_count = 0;  // of `program`: what an event's exec_count is compared with
  std::string_view name;
  bool alive = true;
  std::uint64_t end_time = 0;  // boot clock, ns, when it is not alive
  std::int32_t exit_status = 0;
  std::uint32_t exit_signal = 0;
  const Program* program = nullptr;  // nullptr: not known
};

}  // namespace gancho
