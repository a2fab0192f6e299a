// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace gancho {

Result<Fd> open_output(const std::string& path) {
  if (path.empty() || path == "-") {
    if ((::fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY)
      return fail(Errc::system, "cannot write to standard output: it is closed");
    Fd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd.valid()) return fail_errno("cannot use standard output", errno);
    return fd;
  }
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640));
  if (!fd.valid()) return fail_errno(fmt::format("cannot open {}", path), errno);
  return fd;
}

Result<Fd> open_recording(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.valid()) return fail_errno(fmt::format("cannot open {}", path), errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0)
    return fail_errno(fmt::format("cannot look at {}", path), errno);
  if (S_ISREG(status.st_mode) && ::ftruncate(fd.get(), 0) != 0)
    return fail_errno(fmt::format("cannot empty {}", path), errno);
  return fd;
}

Fd open_or_nothing(const char* path) {
  Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) fd.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return fd;
}

}  // namespace gancho
