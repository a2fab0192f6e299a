// SPDX-License-Identifier: Apache-2.0
#include "load/cgroup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "config.bpf.h"

namespace gancho {
namespace {

// Where the hierarchy of a version 1 controller is mounted, "" when nowhere. proc_pid_mountinfo(5):
// ID PARENT DEV ROOT MOUNT_POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
std::string cgroup1_at(std::string_view controller) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const auto separator = line.find(" - cgroup ");
    if (separator == std::string::npos) continue;
    std::istringstream before(line);
    std::string word;
    std::string at;
    before >> word >> word >> word >> word >> at;
    std::istringstream options(line.substr(line.rfind(' ') + 1));
    while (std::getline(options, word, ','))
      if (word == controller) return at;
  }
  return {};
}

}  // namespace

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

// "NAME HIERARCHY COUNT ENABLED" a line; version 2 is hierarchy 0.
std::uint32_t container_hierarchy_kind(std::string_view proc_cgroups) {
  std::istringstream lines{std::string(proc_cgroups)};
  std::uint32_t kind = CONTAINERS_V2;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    int hierarchy = 0;
    if (!(words >> name >> hierarchy) || hierarchy == 0) continue;
    if (name == "pids") return CONTAINERS_V1_PIDS;
    if (name == "memory") kind = CONTAINERS_V1_MEMORY;
  }
  return kind;
}

ContainerHierarchy container_hierarchy(const std::string& cgroup2_at) {
  std::ifstream file("/proc/cgroups");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::uint32_t kind = container_hierarchy_kind(text);
  if (kind == CONTAINERS_V2) return {.kind = kind, .mounted_at = cgroup2_at};
  return {.kind = kind, .mounted_at = cgroup1_at(kind == CONTAINERS_V1_PIDS ? "pids" : "memory")};
}

}  // namespace gancho
