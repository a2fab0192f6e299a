// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"

namespace gancho {

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  constexpr std::size_t k_step = 64 * 1024;
  Fd opened;
  if (path != "-") {
    opened = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!opened.valid()) return fail_errno(path, errno);
  }
  const int fd = path == "-" ? STDIN_FILENO : opened.get();
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

}  // namespace gancho
