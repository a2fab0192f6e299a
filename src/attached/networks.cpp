// SPDX-License-Identifier: Apache-2.0
#include "attached/networks.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "load/mount_info.h"
#include "load/pseudo_fs.h"

namespace gancho {
namespace {

constexpr std::string_view k_named = "/run/netns";

// PROC_PID_INIT_INO of include/linux/proc_ns.h.
constexpr std::uint64_t k_initial_pid_namespace = 0xeffffffc;

using ByInode = std::map<std::uint64_t, FoundNetwork>;
using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

FoundNetwork& network(ByInode& networks, std::uint64_t inode) {
  FoundNetwork& found = networks[inode];
  found.facts.inode = inode;
  return found;
}

// Names are mounts, or links to some process's namespace that people make by hand.
void add_named(ByInode& networks) {
  const Directory directory(opendir(std::string(k_named).c_str()), closedir);
  if (!directory) return;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    const std::string path = std::string(k_named) + '/' + entry->d_name;
    struct statfs system{};
    struct stat status{};
    if (statfs(path.c_str(), &system) != 0 || system.f_type != NSFS_MAGIC ||
        stat(path.c_str(), &status) != 0)
      continue;
    FoundNetwork& found = network(networks, status.st_ino);
    // Of two names the first: directories have no order.
    if (found.facts.name.empty() || entry->d_name < found.facts.name)
      found.facts.name = entry->d_name;
    found.ways.push_back(path);
  }
}

void add_mounted(ByInode& networks) {
  const auto text = read_small_file(AT_FDCWD, "/proc/self/mountinfo");
  if (!text) return;
  for (NamespaceMount& mount : network_mounts(*text))
    network(networks, mount.inode).ways.push_back(std::move(mount.path));
}

void add_of_processes(ByInode& networks, std::uint64_t ours, Blanks& blanks) {
  const Directory directory(opendir("/proc"), closedir);
  if (!directory) {
    blanks.emplace_back("network namespaces of processes: /proc cannot be read");
    return;
  }
  int refused = 0;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    const std::string file = std::string(name) + "/ns/net";
    std::array<char, 64> target{};
    const ssize_t size =
        readlinkat(dirfd(directory.get()), file.c_str(), target.data(), target.size());
    if (size < 0) {
      // EACCES is said of a process, too, that ended when its directory had been found.
      const int error_number = errno;
      if (error_number != ENOENT && faccessat(dirfd(directory.get()), entry->d_name, F_OK, 0) == 0)
        refused = error_number;
      continue;
    }
    const std::uint64_t inode =
        network_inode(std::string_view(target.data(), static_cast<std::size_t>(size)));
    if (inode == 0 || inode == ours) continue;
    FoundNetwork& found = network(networks, inode);
    if (found.facts.pid == 0 || pid < found.facts.pid) found.facts.pid = pid;
    found.ways.push_back("/proc/" + file);
  }
  if (refused != 0)
    blanks.push_back(std::string("network namespaces of some processes: ") +
                     std::strerror(refused));
  struct stat processes{};
  if (stat("/proc/self/ns/pid", &processes) == 0 && processes.st_ino != k_initial_pid_namespace)
    blanks.emplace_back("network namespaces of processes outside of our PID namespace");
}

}  // namespace

std::uint64_t network_inode(std::string_view text) {
  constexpr std::string_view k_begin = "net:[";
  if (!text.starts_with(k_begin) || !text.ends_with(']')) return 0;
  const char* const begin = text.data() + k_begin.size();
  const char* const end = text.data() + text.size() - 1;
  std::uint64_t inode = 0;
  const auto [stop, error] = std::from_chars(begin, end, inode);
  return error == std::errc{} && stop == end ? inode : 0;
}

std::vector<NamespaceMount> network_mounts(std::string_view mountinfo) {
  std::vector<NamespaceMount> mounts;
  for (MountInfo& mount : parse_mountinfo(mountinfo))
    if (const std::uint64_t inode = mount.type == "nsfs" ? network_inode(mount.root) : 0;
        inode != 0)
      mounts.push_back({.inode = inode, .path = std::move(mount.point)});
  return mounts;
}

FoundNetworks find_networks() {
  FoundNetworks found;
  struct stat ours{};
  if (stat("/proc/thread-self/ns/net", &ours) == 0) found.ours = ours.st_ino;
  ByInode networks;
  add_of_processes(networks, found.ours, found.blanks);
  add_named(networks);
  add_mounted(networks);
  networks.erase(found.ours);
  for (auto& [inode, network] : networks) found.other.push_back(std::move(network));
  return found;
}

Fd open_network(const FoundNetwork& network) {
  for (const std::string& way : network.ways) {
    struct stat status{};
    // Looked at before it is opened: what stands there now could be a pipe, which waits.
    if (stat(way.c_str(), &status) != 0 || status.st_ino != network.facts.inode) continue;
    Fd file(open(way.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (file.valid() && ioctl(file.get(), NS_GET_NSTYPE) == CLONE_NEWNET &&
        fstat(file.get(), &status) == 0 && status.st_ino == network.facts.inode)
      return file;
  }
  return Fd();
}

}  // namespace gancho
