// SPDX-License-Identifier: Apache-2.0
#include "sinks/program_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>
#include <vector>

#include "sinks/alert.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* k_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct Running {
  pid_t pid = -1;
  Fd handle;
  steady_clock::time_point deadline;
  bool timed_out = false;
};

Fd make_input(std::string_view json) {
  Fd file(::memfd_create("gancho-alert", MFD_CLOEXEC));
  const std::string line = std::string(json) + '\n';
  if (!file.valid() ||
      ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return {};
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

class Runner {
 public:
  Runner(int socket, AlertProgramOptions options) : socket_(socket), options_(std::move(options)) {
    for (std::string& word : options_.command) arguments_.push_back(word.data());
    arguments_.push_back(nullptr);
    if (const char* lang = ::getenv("LANG")) language_ += lang;
    null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }

  void run() {
    std::vector<char> buffer(k_alert_message_max);
    while (wait()) {
      if (readable_) {
        const ssize_t bytes = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (bytes == 0) break;
        if (bytes < 0 && errno != EAGAIN && errno != EINTR) break;
        if (bytes > 0) start({buffer.data(), static_cast<std::size_t>(bytes)});
      }
      end_those_that_are_late();
      reap();
    }
    for (const Running& one : running_) ::kill(-one.pid, SIGKILL);
  }

 private:
  bool wait() {
    std::vector<pollfd> waits;
    const bool room = running_.size() < options_.at_once;
    // One that is full still hears that its courier has gone.
    waits.push_back({.fd = socket_, .events = static_cast<short>(room ? POLLIN : 0), .revents = 0});
    auto next = steady_clock::time_point::max();
    for (const Running& one : running_) {
      waits.push_back({.fd = one.handle.get(), .events = POLLIN, .revents = 0});
      if (!one.timed_out) next = std::min(next, one.deadline);
    }
    int timeout = -1;
    if (next != steady_clock::time_point::max())
      timeout = static_cast<int>(std::max<std::int64_t>(
          0, std::chrono::ceil<milliseconds>(next - steady_clock::now()).count()));
    if (::poll(waits.data(), waits.size(), timeout) < 0 && errno != EINTR) return false;
    readable_ = room && (waits[0].revents & POLLIN) != 0;
    return readable_ || (waits[0].revents & (POLLHUP | POLLERR)) == 0;
  }

  void start(std::string_view json) {
    const Fd input = make_input(json);
    const pid_t runner = ::getpid();
    const pid_t pid = input.valid() ? ::fork() : -1;
    if (pid == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != runner) ::_exit(127);
      for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
      if (::dup2(input.get(), STDIN_FILENO) < 0 || ::dup2(null_.get(), STDOUT_FILENO) < 0 ||
          ::dup2(null_.get(), STDERR_FILENO) < 0)
        ::_exit(127);
      ::close_range(3, ~0U, 0);
      const std::array<char*, 3> environment{
          const_cast<char*>(k_path), language_.size() > 5 ? language_.data() : nullptr, nullptr};
      ::execve(arguments_[0], arguments_.data(), environment.data());
      ::_exit(127);
    }
    if (pid < 0) return report({.wait_status = 127 << 8, .timed_out = 0});
    ::setpgid(pid, pid);  // whoever of the two comes first
    running_.push_back({.pid = pid,
                        .handle = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
                        .deadline = steady_clock::now() + options_.timeout});
  }

  void end_those_that_are_late() {
    const auto now = steady_clock::now();
    for (Running& one : running_)
      if (!one.timed_out && now >= one.deadline) {
        one.timed_out = true;
        ::kill(-one.pid, SIGKILL);
      }
  }

  void reap() {
    std::erase_if(running_, [this](const Running& one) {
      int status = 0;
      if (::waitpid(one.pid, &status, WNOHANG) != one.pid) return false;
      report({.wait_status = status, .timed_out = one.timed_out ? 1 : 0});
      return true;
    });
  }

  void report(const ProgramEnd& end) const {
    (void)::send(socket_, &end, sizeof(end), MSG_NOSIGNAL);
  }

  int socket_;
  AlertProgramOptions options_;
  std::vector<char*> arguments_;
  std::string language_ = "LANG=";
  Fd null_;
  std::vector<Running> running_;
  bool readable_ = false;
};

}  // namespace

Status check_alert_program(const AlertProgramOptions& options) {
  const std::string& program = options.command.front();
  struct stat status{};
  if (::stat(program.c_str(), &status) != 0 || ::access(program.c_str(), X_OK) != 0)
    return fail_errno(fmt::format("cannot execute {}", program), errno);
  if (!S_ISREG(status.st_mode))
    return fail(Errc::system, fmt::format("{} is not a regular file", program));
  return {};
}

Result<ProgramRunner> ProgramRunner::create(const AlertProgramOptions& options,
                                            const std::function<Status()>& cage) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail_errno("cannot create a socket for alert_program", errno);
  Fd ours(pair[0]);
  const pid_t pid = ::fork();
  if (pid < 0) {
    ::close(pair[1]);
    return fail_errno("cannot start what executes alert_program", errno);
  }
  if (pid != 0) {
    ::close(pair[1]);
    return ProgramRunner(std::move(ours), pid);
  }
  // Nothing of the courier's: its sockets would seem to live when it is dead.
  constexpr int k_socket = 3;
  if (pair[1] != k_socket) ::dup2(pair[1], k_socket);
  ::fcntl(k_socket, F_SETFD, FD_CLOEXEC);
  ::close_range(k_socket + 1, ~0U, 0);
  (void)ours.release();
  ::prctl(PR_SET_NAME, "gancho-runner");
  (void)::chdir("/");
  if (cage()) Runner(k_socket, options).run();
  ::_exit(0);
}

ProgramRunner::ProgramRunner(ProgramRunner&& other) noexcept
    : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, -1)) {}

ProgramRunner::~ProgramRunner() {
  if (pid_ < 0) return;
  socket_.reset();
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace gancho
