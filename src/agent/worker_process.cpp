// SPDX-License-Identifier: Apache-2.0
#include "agent/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace gancho {
namespace {

constexpr int k_worker_socket = 3;  // in the worker

// The worker finds a clean table: its standard descriptors and the socket. All of ours are
// close-on-exec.
Result<pid_t> spawn(int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, socket, k_worker_socket);
  // The keeper's signal mask and an ignored SIGPIPE are not for the worker; Ctrl-C is for the
  // keeper.
  sigset_t none;
  sigset_t defaults;
  ::sigemptyset(&none);
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::string name = "gancho-worker";
  std::string verb = "worker";
  std::string option = "--control-fd";
  std::string value = std::to_string(k_worker_socket);
  const std::array<char*, 5> arguments{name.data(), verb.data(), option.data(), value.data(),
                                       nullptr};
  // Nothing of the user's environment but the time zone, which text output needs.
  std::string zone = "TZ=";
  const char* tz = ::getenv("TZ");
  if (tz != nullptr) zone += tz;
  const std::array<char*, 2> environment{tz != nullptr ? zone.data() : nullptr, nullptr};

  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments.data(),
                                  environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail_errno("cannot start the worker", error);
  return pid;
}

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
  pid_ = TRY(spawn(theirs.get()));
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

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status))
    return fmt::format("was killed by signal {}", WTERMSIG(wait_status));
  return fmt::format("exited with status {}", WEXITSTATUS(wait_status));
}

}  // namespace gancho
