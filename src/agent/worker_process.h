// SPDX-License-Identifier: Apache-2.0
//
// The worker as its keeper sees it: a child process, the socket to it, and the page of its
// progress, which outlives it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>

#include "agent/control.h"
#include "agent/progress.h"
#include "base/result.h"

namespace gancho {

class WorkerProcess {
 public:
  [[nodiscard]] static Result<WorkerProcess> create(std::uint32_t cpus);
  WorkerProcess(WorkerProcess&&) = default;
  WorkerProcess& operator=(WorkerProcess&&) = default;
  ~WorkerProcess();  // kills it

  // Starts a process and sends it `settings`; the descriptors in the order of StartDescriptor.
  [[nodiscard]] Status start(const WorkerSettings& settings, std::span<const int> fds);

  // After SIGCHLD: how it ended, when it did: a wait(2) status.
  [[nodiscard]] std::optional<int> reap();

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] int progress_fd() const { return progress_file_.get(); }
  [[nodiscard]] const Progress& progress() const { return progress_; }

 private:
  WorkerProcess() = default;

  pid_t pid_ = -1;
  Fd socket_;
  Fd progress_file_;
  Progress progress_;
};

}  // namespace gancho
