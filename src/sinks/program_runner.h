// SPDX-License-Identifier: Apache-2.0
//
// A process that executes a program for each alert, so that the courier, which speaks to the
// network, need not be able to. Forked from the courier before its cage shuts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "base/fd.h"
#include "base/result.h"
#include "sinks/options.h"

namespace gancho {

// How one ended; a message of the runner to its courier.
struct ProgramEnd {
  std::int32_t wait_status = 0;  // wait(2)
  std::int32_t timed_out = 0;
};

class ProgramRunner {
 public:
  // To be called with one thread. `cage` is called in the new process, which ends when it fails.
  [[nodiscard]] static Result<ProgramRunner> create(const AlertProgramOptions& options,
                                                    const std::function<Status()>& cage);
  ProgramRunner(ProgramRunner&& other) noexcept;
  ProgramRunner& operator=(ProgramRunner&&) = delete;
  ~ProgramRunner();  // it kills what runs, and ends

  // A socket that keeps messages whole: the JSON of an alert to it, a ProgramEnd back. It takes as
  // many alerts as may run at once.
  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  ProgramRunner(Fd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}

  Fd socket_;
  pid_t pid_;
};

// Whether there is something to execute, as far as the user who calls can see.
[[nodiscard]] Status check_alert_program(const AlertProgramOptions& options);

}  // namespace gancho
