// SPDX-License-Identifier: Apache-2.0
#include "walker/random_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/fd.h"
#include "walker/sandbox.h"

namespace gancho::test {
namespace {

constexpr std::size_t k_nodes_max = 180;  // descriptors are the limit

std::string link_of(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

}  // namespace

RandomTree::RandomTree(std::uint64_t seed, Counts& counts)
    : random_(seed),
      counts_(counts),
      longest_name_(below(4) == 0 ? 255 : 12),
      long_paths_(below(6) == 0) {
  const int base = new_file_system("tmpfs", {});
  const int target = open("/tmp", O_PATH | O_DIRECTORY);
  if (base < 0 || target < 0 ||
      move_mount(base, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    throw std::runtime_error("cannot mount the base of the tree");
  close(target);
  add({.fd = base, .name = "", .directory = true, .mount = true});
}

// Any byte but '/' and NUL; never one that could be mistaken for readlink's " (deleted)".
std::string RandomTree::name() {
  const std::size_t longest = all_long_ || below(3) == 0 ? longest_name_ : 12;
  std::string result;
  do {
    result.resize(1 + below(longest));
    for (char& c : result) {
      do c = static_cast<char>(1 + below(255));
      while (c == '/');
    }
  } while (result == "." || result == ".." || result.ends_with(')') ||
           !names_.insert(result).second);
  return result;
}

int RandomTree::add(Node node) {
  const auto index = static_cast<int>(nodes_.size());
  if (node.mount) node.in = index;
  nodes_.push_back(std::move(node));
  return index;
}

// The newest often, so that the tree grows deep.
int RandomTree::some(bool directory) {
  for (int tries = 0; tries < 50; ++tries) {
    const std::size_t n = nodes_.size();
    const std::size_t i = below(3) != 0 && n > 4 ? n - 1 - below(4) : below(n);
    if (nodes_[i].kind == Kind::named && nodes_[i].directory == directory)
      return static_cast<int>(i);
  }
  return directory ? 0 : -1;
}

int RandomTree::any(bool directory) {
  for (int tries = 0; tries < 50; ++tries) {
    const std::size_t i = below(nodes_.size());
    if (nodes_[i].kind == Kind::named && nodes_[i].directory == directory)
      return static_cast<int>(i);
  }
  return directory ? 0 : -1;
}

int RandomTree::some_directory() {
  return any(true);
}

void RandomTree::make_directory(int parent) {
  const std::string called = name();
  const int at = node_at(parent).fd;
  if (mkdirat(at, called.c_str(), 0755) != 0) return;
  const int fd =
      openat(at, called.c_str(), O_DIRECTORY | O_NOFOLLOW | (below(2) ? O_PATH : O_RDONLY));
  if (fd < 0) return;
  add({.fd = fd, .parent = parent, .name = called, .in = node_at(parent).in, .directory = true});
  ++counts_.directories;
}

void RandomTree::make_file(int parent) {
  const std::string called = name();
  const int at = node_at(parent).fd;
  int fd = openat(at, called.c_str(), O_RDWR | O_CREAT | O_EXCL, 0644);
  if (fd < 0) return;
  if (below(3) == 0) {
    close(fd);
    fd = openat(at, called.c_str(), O_PATH | O_NOFOLLOW);
  }
  add({.fd = fd, .parent = parent, .name = called, .in = node_at(parent).in});
  ++counts_.files;
}

// Deep, and in some trees with names so long that the path does not fit into PATH_MAX.
void RandomTree::chain(int parent) {
  const std::size_t usual = longest_name_;
  if (long_paths_) longest_name_ = 255;
  all_long_ = long_paths_;
  for (std::size_t n = 1 + below(70); n > 0 && nodes_.size() < k_nodes_max; --n) {
    const std::size_t before = nodes_.size();
    make_directory(parent);
    if (nodes_.size() == before) break;
    parent = static_cast<int>(before);
    if (below(8) == 0) make_file(parent);
    if (below(16) == 0) {
      mount_tmpfs(parent);
      if (nodes_.back().mount) parent = static_cast<int>(nodes_.size()) - 1;
    }
  }
  make_file(parent);
  longest_name_ = usual;
  all_long_ = false;
}

bool RandomTree::put(int mount, int target, int source) {
  if (mount < 0) return false;
  const Node below_it = node_at(target);
  if (move_mount(mount, "", below_it.fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) !=
      0) {
    close(mount);
    return false;
  }
  add({.fd = mount,
       .parent = below_it.parent,
       .name = below_it.name,
       .source = source,
       .on = target,
       .directory = below_it.directory,
       .mount = true});
  return true;
}

void RandomTree::mount_tmpfs(int target) {
  const int mount = new_file_system("tmpfs", {});
  if (!put(mount, target, -1)) return;
  ++counts_.tmpfs;
}

void RandomTree::mount_overlay(int target) {
  const int lower = some(true), home = 0;
  const std::string upper = name(), work = name();
  if (mkdirat(node_at(home).fd, upper.c_str(), 0755) != 0 ||
      mkdirat(node_at(home).fd, work.c_str(), 0755) != 0)
    return;
  const int upper_fd = openat(node_at(home).fd, upper.c_str(), O_PATH);
  const int work_fd = openat(node_at(home).fd, work.c_str(), O_PATH);
  const int mount = new_file_system("overlay", {{"lowerdir", link_of(node_at(lower).fd)},
                                                {"upperdir", link_of(upper_fd)},
                                                {"workdir", link_of(work_fd)}});
  close(upper_fd);
  close(work_fd);
  if (!put(mount, target, -1)) return;
  ++counts_.overlays;
}

void RandomTree::bind(bool directories) {
  const int source = some(directories), target = some(directories);
  if (source < 0 || target < 0) return;
  const unsigned recursive = directories && below(2) ? AT_RECURSIVE : 0;
  const int copy = open_tree(node_at(source).fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | recursive);
  if (copy >= 0 && below(8) == 0) {  // a mount that hangs nowhere
    add({.fd = copy, .name = "", .source = source, .directory = directories, .mount = true});
    ++counts_.detached_copies;
    return;
  }
  if (put(copy, target, source)) ++(directories ? counts_.binds : counts_.file_binds);
}

void RandomTree::move_mount_elsewhere() {
  const int from = some(true), to = some(true);
  if (!node_at(from).mount || from == 0) return;
  if (move_mount(node_at(from).fd, "", node_at(to).fd, "",
                 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    return;
  node_at(from).parent = node_at(to).parent;
  node_at(from).name = node_at(to).name;
  node_at(from).on = to;
  ++counts_.moved_mounts;
}

void RandomTree::grow() {
  if (below(3) == 0) chain(0);
  for (std::size_t n = 10 + below(30); n > 0 && nodes_.size() < k_nodes_max; --n) {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
        make_file(some(true));
        break;
      case 4:
      case 5:
        mount_tmpfs(some(true));
        break;
      case 6:
        mount_overlay(some(true));
        break;
      case 7:
      case 8:
        bind(true);
        break;
      case 9:
        bind(false);
        break;
      case 10:
        move_mount_elsewhere();
        break;
      default:
        make_directory(some(true));
    }
  }
  if (long_paths_ || below(12) == 0) chain(some(true));
}

void RandomTree::open_more() {
  int pair[2];
  if (pipe(pair) == 0) {
    add({.fd = pair[0], .name = "", .kind = Kind::pseudo});
    close(pair[1]);
  }
  const std::string called = name();
  add({.fd = static_cast<int>(syscall(SYS_memfd_create, called.substr(0, 249).c_str(), 0)),
       .name = "memfd:" + called.substr(0, 249),
       .kind = Kind::memfd});
  add({.fd = eventfd(0, 0), .name = "[eventfd]", .kind = Kind::pseudo});
  add({.fd = epoll_create1(0), .name = "[eventpoll]", .kind = Kind::pseudo});
  // A socket's dentry carries the protocol's name, where there is one.
  add({.fd = socket(AF_INET, SOCK_DGRAM, 0), .name = "UDP", .kind = Kind::pseudo});
  ++counts_.pseudo;
}

// Dentries does not follow a mount up to what left the mount below it, so what leaves has none
// (escapes_vm_test.cpp has that case).
bool RandomTree::carries_mounts(int index) const {
  const Dentries dentries(nodes_);
  return std::ranges::any_of(nodes_, [&](const Node& mount) {
    return mount.on >= 0 && dentries.is_below(mount.on, index);
  });
}

void RandomTree::rename() {
  const int from = any(below(2) != 0), to = any(true);
  if (from < 0 || node_at(from).parent < 0 || node_at(from).mount) return;
  if (Dentries(nodes_).outside(to) && carries_mounts(from)) return;
  const std::string called = name();
  if (renameat(node_at(node_at(from).parent).fd, node_at(from).name.c_str(), node_at(to).fd,
               called.c_str()) != 0)
    return;
  node_at(from).parent = to;
  node_at(from).name = called;
  ++counts_.renamed;
}

// What was opened in a bind mount leaves the directory that is bound: no path leads to it there.
void RandomTree::take_out() {
  const Dentries dentries(nodes_);
  std::vector<int> candidates;
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    const Node& node = node_at(i);
    if (node.kind == Kind::named && !node.mount && !node.removed && node.parent >= 0 &&
        !dentries.names(node.in).empty() && !dentries.outside(i) && !carries_mounts(i))
      candidates.push_back(i);
  }
  if (candidates.empty()) return;
  const int index = candidates[below(candidates.size())];
  Node& node = node_at(index);

  // Through a mount of the whole file system, with nothing mounted on it.
  const int file_system = dentries.file_system(index);
  const Fd whole(open_tree(node_at(file_system).fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE));
  const auto open_there = [&](int directory) {
    Fd at(dup(whole.get()));
    for (const std::string& step : dentries.names(directory))
      at.reset(openat(at.get(), step.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW));
    return at;
  };
  int to = any(true);
  if (dentries.file_system(to) != file_system || dentries.is_below(to, node.in)) to = file_system;
  const std::string called = name();
  const Fd from_directory = open_there(node.parent), to_directory = open_there(to);
  if (renameat(from_directory.get(), node.name.c_str(), to_directory.get(), called.c_str()) != 0)
    return;
  node.parent = to;
  node.name = called;
  ++(node.directory ? counts_.directories_taken_out : counts_.taken_out);
}

void RandomTree::remove() {
  const int i = any(below(2) != 0);
  if (i < 0 || node_at(i).parent < 0 || node_at(i).mount) return;
  Node& node = node_at(i);
  if (unlinkat(node_at(node.parent).fd, node.name.c_str(), node.directory ? AT_REMOVEDIR : 0) != 0)
    return;
  node.removed = true;
  ++(node.directory ? counts_.removed : counts_.unlinked);
}

void RandomTree::unmount() {
  const int i = any(true);
  if (!node_at(i).mount || i == 0) return;
  if (umount2(link_of(node_at(i).fd).c_str(), MNT_DETACH) == 0) ++counts_.unmounted;
}

void RandomTree::disturb() {
  for (std::size_t n = below(32); n > 0; --n) {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        rename();
        break;
      case 3:
      case 4:
      case 5:
        remove();
        break;
      case 6:
        unmount();
        break;
      default:
        take_out();
    }
  }
}

bool RandomTree::pivot() {
  const int at = any(true);
  if (Dentries(nodes_).outside(at)) return false;
  const int root = open_tree(node_at(at).fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE);
  if (!put(root, at, at)) return false;
  if (mkdirat(root, "old", 0755) != 0) return false;
  const int old = openat(root, "old", O_PATH);
  if (old < 0) return false;
  if (syscall(SYS_pivot_root, link_of(root).c_str(), link_of(old).c_str()) != 0) return false;
  nodes_.back().parent = -1;
  const auto at_root = static_cast<int>(nodes_.size()) - 1;
  add({.fd = old, .parent = at_root, .name = "old", .in = at_root, .directory = true});
  ++counts_.pivots;
  // Everything outside hangs nowhere from now on.
  if (below(2) && umount2("/old", MNT_DETACH) == 0) ++counts_.old_roots_gone;
  return true;
}

}  // namespace gancho::test
