// SPDX-License-Identifier: Apache-2.0
#include "sinks/alert_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace gancho {
namespace {

constexpr mode_t k_mode = 0640;
// A FIFO without a reader must not keep the keeper.
constexpr int k_flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;

Result<Fd> open_existing(const std::string& path) {
  Fd file(::open(path.c_str(), k_flags));
  if (!file.valid()) return fail_errno(fmt::format("cannot open {}", path), errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(Errc::system, fmt::format("{} is not a regular file", path));
  return file;
}

}  // namespace

Result<Fd> open_alert_file(const std::string& path) {
  Fd file(::open(path.c_str(), k_flags | O_CREAT | O_EXCL, k_mode));
  if (file.valid()) {
    // A service's umask would take the group away.
    if (::fchmod(file.get(), k_mode) != 0)
      return fail_errno(fmt::format("cannot set the mode of {}", path), errno);
    return file;
  }
  if (errno == EEXIST) return open_existing(path);
  return fail_errno(fmt::format("cannot open {}", path), errno);
}

Status check_alert_file(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    TRY(open_existing(path));
    return {};
  }
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (errno != ENOENT || ::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0)
    return fail_errno(fmt::format("cannot create {}", path), errno);
  return {};
}

Status rotate_alert_file(const std::string& path, std::uint32_t keep) {
  const auto name = [&](std::uint32_t number) {
    return number == 0 ? path : fmt::format("{}.{}", path, number);
  };
  if (keep == 0) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return fail_errno(fmt::format("cannot remove {}", path), errno);
    return {};
  }
  // From the oldest: each rename replaces what must go.
  for (std::uint32_t number = keep; number-- != 0;) {
    if (::rename(name(number).c_str(), name(number + 1).c_str()) != 0 && errno != ENOENT)
      return fail_errno(fmt::format("cannot rename {}", name(number)), errno);
  }
  return {};
}

}  // namespace gancho
