// SPDX-License-Identifier: Apache-2.0
//
// Counting the system calls of the machine, in an object of its own: its programs hang on the
// tracepoints of every call, for as long as this lives and no longer. Nothing is pinned. One
// thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "load/cgroup.h"
#include "load/syscall_table.h"

namespace gancho {

struct SyscallStatOptions {
  std::uint32_t by = STAT_BY_CALL;  // STAT_BY_*
  std::uint32_t pid = 0;            // only this process; 0: any
  bool children = false;            // and all that descend from it
  CgroupId cgroup;                  // only there and below; id 0: anywhere
  std::uint32_t rows = 4096;        // that a table has room for
};

class SyscallStat {
 public:
  // Loads, attaches, counts from now on. The process that asks is not counted. Errc::permission
  // without root, Errc::unsupported where the kernel lacks what it takes.
  [[nodiscard]] static Result<SyscallStat> start(const SyscallStatOptions& options);
  SyscallStat(SyscallStat&&) noexcept;
  SyscallStat& operator=(SyscallStat&&) noexcept;
  ~SyscallStat();  // detaches

  // What was counted since the last time. Every call that returns is in exactly one table.
  [[nodiscard]] Result<SyscallTable> take();

 private:
  struct State;
  explicit SyscallStat(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gancho
