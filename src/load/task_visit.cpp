// SPDX-License-Identifier: Apache-2.0
#include "load/task_visit.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/fd.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t k_step = 32;          // records sent before the ring is looked at again
constexpr milliseconds k_room_limit{2000};  // that the ring's reader is waited for, in all

// A reader that does not come loses records, and they are counted.
void wait_for_room(const RingRoom& room, steady_clock::duration& patience) {
  while (room.gauge->used() > room.ring_bytes / 2 && patience.count() > 0) {
    const auto begin = steady_clock::now();
    std::this_thread::sleep_for(milliseconds(1));
    patience -= steady_clock::now() - begin;
  }
}

// Returns an errno. Nothing but system calls: it runs in a forked process too.
int read_to_the_end(int iterator, const RingRoom& room) {
  std::array<char, k_step> sent{};
  steady_clock::duration patience = k_room_limit;
  for (;;) {
    const ssize_t n = ::read(iterator, sent.data(), sent.size());
    if (n == 0) return 0;
    if (n < 0 && errno != EINTR && errno != EAGAIN) return errno;
    // A process is changing its memory just now: it is looked at once more.
    if (n < 0 && errno == EAGAIN) std::this_thread::sleep_for(milliseconds(1));
    wait_for_room(room, patience);
  }
}

}  // namespace

Status visit_here(int iterator, RingRoom room) {
  const int error = read_to_the_end(iterator, room);
  if (error != 0) return fail_errno("cannot read the task iterator", error);
  return {};
}

Result<bool> visit_apart(int iterator, RingRoom room, milliseconds limit) {
  const pid_t keeper = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("cannot start a process to read the task iterator", errno);
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper) ::_exit(ECHILD);
    ::_exit(read_to_the_end(iterator, room));
  }
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const auto end = steady_clock::now() + limit;
  pollfd wait{.fd = process.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    ready = ::poll(&wait, 1, static_cast<int>(left.count() > 0 ? left.count() : 0));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (ready <= 0) return false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  return fail_errno("cannot read the task iterator",
                    WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
}

}  // namespace gancho
