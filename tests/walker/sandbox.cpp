// SPDX-License-Identifier: Apache-2.0
#include "walker/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace gancho::test {

void check(bool good, std::string_view what) {
  if (!good) throw std::runtime_error(fmt::format("{}: {}", what, strerror(errno)));
}

void own_mounts() {
  check(
      unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
      "unshare");
}

void set_root(int fd) {
  check(fchdir(fd) == 0 && chroot(".") == 0, "chroot");
}

int new_file_system(const char* type,
                    const std::vector<std::pair<const char*, std::string_view>>& options) {
  const int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int mount = -1;
  bool good = true;
  for (const auto& [key, value] : options)
    good = good && fsconfig(context, FSCONFIG_SET_STRING, key, std::string(value).c_str(), 0) == 0;
  if (good && fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
    mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
  close(context);
  return mount;
}

bool in_child(const std::function<bool()>& function) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    int status = 1;
    try {
      status = function() ? 0 : 1;
    } catch (const std::exception& error) {
      fmt::print("{}\n", error.what());
    }
    fflush(nullptr);
    _exit(status);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace gancho::test
