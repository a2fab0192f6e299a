// SPDX-License-Identifier: Apache-2.0
#include "base/own_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

namespace gancho {

Result<pid_t> start_own_child(const OwnChild& child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (child.no_output)
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, child.socket, k_own_child_socket);
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

  std::string name = child.name;
  std::string verb = child.verb;
  std::string option = "--control-fd";
  std::string value = std::to_string(k_own_child_socket);
  const std::array<char*, 5> arguments{name.data(), verb.data(), option.data(), value.data(),
                                       nullptr};
  std::vector<std::string> kept;
  for (const char* variable : child.variables)
    if (const char* text = ::getenv(variable)) kept.push_back(fmt::format("{}={}", variable, text));
  std::vector<char*> environment;
  for (std::string& text : kept) environment.push_back(text.data());
  environment.push_back(nullptr);

  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, child.program.c_str(), &actions, &attributes,
                                  arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail_errno("cannot start " + child.name, error);
  return pid;
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status))
    return fmt::format("was killed by signal {}", WTERMSIG(wait_status));
  return fmt::format("exited with status {}", WEXITSTATUS(wait_status));
}

Result<Fd> memory_file(const char* name, std::string_view text) {
  Fd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.valid() ||
      ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return fail_errno(fmt::format("cannot make {} in memory", name), errno);
  return file;
}

}  // namespace gancho
