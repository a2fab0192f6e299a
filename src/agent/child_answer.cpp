// SPDX-License-Identifier: Apache-2.0
#include "agent/child_answer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/clock.h"
#include "base/fd.h"

namespace gancho {
namespace {

std::string listen(int in, std::uint64_t limit_ns, std::size_t most) {
  std::string text;
  std::array<char, 16384> part;
  const std::uint64_t end = boot_now_ns() + limit_ns;
  while (text.size() < most) {
    const std::uint64_t now = boot_now_ns();
    if (now >= end) break;
    pollfd wait{.fd = in, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, static_cast<int>((end - now) / 1'000'000) + 1);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    const ssize_t n = ::read(in, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Result<std::string> ask_child(std::uint64_t limit_ns, std::size_t most,
                              const std::function<void(int out)>& answer) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  const Fd in(ends[0]);
  Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("cannot fork", errno);
  if (child == 0) {
    answer(out.get());
    ::_exit(2);
  }
  out.reset();
  std::string text = listen(in.get(), limit_ns, most);
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return text;
}

bool write_whole(int out, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(out, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace gancho
