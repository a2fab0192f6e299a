// SPDX-License-Identifier: Apache-2.0
//
// One known attempt to execute: a child sets its stage, is looked at from outside through /proc,
// and then executes. What /proc and the executed program say is the truth that a record is held
// against.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/exec_target.h"

namespace gancho::test {

using Words = std::vector<std::string>;

// A task just before it executes, as the initial namespaces see it.
struct Facts {
  pid_t pid = 0, tid = 0, ppid = 0, sid = 0, vpid = 0;
  std::string comm = {};
  std::uint64_t start_ticks = 0;              // since boot, 100 a second
  std::string tty = {};                       // "major:minor", empty without one
  std::array<std::uint32_t, 3> uid{}, gid{};  // real, effective, saved
  std::uint64_t cap_permitted = 0, cap_effective = 0;
  std::uint32_t loginuid = 0;
  std::map<std::string, std::uint32_t> ns = {};  // by name in /proc/PID/ns
  std::string cwd = {};                          // empty when /proc cannot say
  std::string cgroup = {};
  std::uint64_t cgroup_id = 0;
};

// What an attempt came to.
struct Outcome {
  std::string name = {};  // of the case
  Facts facts = {};
  int error = 0;                            // errno of the call; 0 when it did not return
  std::optional<TargetReport> report = {};  // of exec_target, when that was executed
  std::uint64_t begin = 0, end = 0;         // boot clock, ns
};

// Both run in the child. `execute` comes back only when it fails, with errno set.
struct Act {
  std::function<void()> stage = [] {};
  std::function<void()> execute = {};
};

// Runs the act in a new process, and waits until that has ended.
Outcome perform(const std::string& name, const Act& act);

// ---- for acts ----

// Ends the child with a word on standard error unless `done`; perform() then throws.
void must(bool done, std::string_view what);

// execve(2) and execveat(2) with copies of the words.
void exec_file(const std::string& path, const Words& arguments,
               const Words& environment = {"A=1", "B="});
void exec_at(int directory, const std::string& path, const Words& arguments, int flags,
             const Words& environment = {"A=1", "B="});

// To be called by the task that will execute when that is not the child itself: a thread, or a
// grandchild. The child goes on to wait for the grandchild.
void this_task_executes();

// The errno of an attempt made by a grandchild or a thread, for perform() to return.
void came_back(int error);
int came();  // what came_back() was last told

// ---- files ----

std::string directory(const std::string& path);  // makes it, and those above it
void write_file(const std::string& path, std::string_view content, mode_t mode = 0755);
std::string copy_target(const std::string& path,
                        mode_t mode = 0755);  // of exec_target; returns path
std::string read_text(const std::string& path);
std::string target_path();  // of exec_target, on tmpfs

}  // namespace gancho::test
