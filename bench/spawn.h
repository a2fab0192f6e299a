// SPDX-License-Identifier: Apache-2.0
//
// A program, started as cheaply as the kernel can: by a child that shares our memory until then.
// For the loads that the benchmarks put on an agent; any thread.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace gancho::bench {

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Executes `path` and waits for its end. `before` runs in the child, and must do nothing but make
// system calls: what it changes in memory changes ours.
template <typename Before>
void spawn(const char* path, char* const* arguments, Before before) {
  char* const environment[]{nullptr};
  // NOLINTBEGIN(bugprone-unsafe-functions,clang-analyzer-*): posix_spawn cannot do what `before`
  // does.
  const pid_t pid = ::vfork();
  if (pid < 0) die("vfork");
  if (pid == 0) {
    before();
    ::execve(path, arguments, environment);
    ::_exit(127);
  }
  // NOLINTEND(bugprone-unsafe-functions,clang-analyzer-*)
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) die("waitpid");
  if (status != 0) die(path);
}

}  // namespace gancho::bench
