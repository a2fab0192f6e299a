// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"

namespace gancho {

namespace {

Result<std::string> read_all(int fd, const std::string& path, std::size_t max_bytes) {
  constexpr std::size_t k_step = 64 * 1024;
  std::string text;
  while (text.size() <= max_bytes) {
    const std::size_t size = text.size();
    text.resize(size + std::min(k_step, max_bytes + 1 - size));
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    const int error = errno;
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && error == EINTR) continue;
    if (got < 0) return fail_errno(path, error);
    if (got == 0) break;
  }
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, path, max_bytes);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return fail_errno(path, errno);
  return read_all(fd.get(), path, max_bytes);
}

Result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes) {
  // To open a pipe that nobody writes to would wait, too.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) return fail_errno(path, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno(path, errno);
  if (S_ISDIR(status.st_mode)) return fail_errno(path, EISDIR);
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
    return fail(Errc::input, path + ": not a regular file");
  return read_all(fd.get(), path, max_bytes);
}

}  // namespace gancho
