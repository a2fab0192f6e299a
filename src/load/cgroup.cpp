// SPDX-License-Identifier: Apache-2.0
#include "load/cgroup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace gancho {

Result<CgroupId> find_cgroup(std::string_view path, const std::string& mount) {
  if (mount.empty())
    return fail(Errc::unsupported,
                "no cgroup v2 hierarchy is mounted; `mount -t cgroup2 none /sys/fs/cgroup`");
  std::string_view below = path;
  if (below.starts_with(mount) && (below.size() == mount.size() || below[mount.size()] == '/'))
    below.remove_prefix(mount.size());
  while (below.starts_with('/')) below.remove_prefix(1);

  const auto name = std::filesystem::path(below).lexically_normal();
  CgroupId found;
  for (const auto& part : name) {
    if (part == "..")
      return fail(Errc::usage, fmt::format("cgroup '{}' leads out of {}", path, mount));
    if (!part.empty() && part != ".") ++found.level;
  }
  // On a 64-bit kernel the inode number of a cgroup's directory is the cgroup's id.
  struct stat status{};
  const std::string full = (std::filesystem::path(mount) / name).string();
  if (::stat(full.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(Errc::usage, fmt::format("no cgroup '{}' below {}", path, mount));
  found.id = status.st_ino;
  return found;
}

}  // namespace gancho
