// SPDX-License-Identifier: Apache-2.0
#include "agent/worker_process.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/own_child.h"

namespace gancho {
namespace {

// Nothing of the user's environment but the time zone, which text output needs.
constexpr std::array k_variables{"TZ"};

}  // namespace

Result<WorkerProcess> WorkerProcess::create(std::uint32_t cpus) {
  WorkerProcess worker;
  worker.progress_file_.reset(::memfd_create("gancho-progress", MFD_CLOEXEC));
  const auto bytes = static_cast<off_t>(Progress::bytes(cpus));
  if (!worker.progress_file_.valid() || ::ftruncate(worker.progress_file_.get(), bytes) != 0)
    return fail_errno("cannot create the worker's progress page", errno);
  worker.progress_ = TRY(Progress::create(worker.progress_file_.get(), cpus));
  return worker;
}

WorkerProcess::~WorkerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Status WorkerProcess::start(const WorkerSettings& settings, std::span<const int> fds) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail_errno("cannot create the worker's socket", errno);
  socket_.reset(pair[0]);
  const Fd theirs(pair[1]);
  pid_ = TRY(start_own_child({.name = "gancho-worker",
                              .verb = "worker",
                              .socket = theirs.get(),
                              .variables = k_variables}));
  Message start = Message::of(MessageKind::start);
  start.settings = settings;
  return send_message(socket_.get(), start, fds);
}

std::optional<int> WorkerProcess::reap() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return status;
}

}  // namespace gancho
