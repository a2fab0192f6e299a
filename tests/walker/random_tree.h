// SPDX-License-Identifier: Apache-2.0
//
// A random tree of files and mounts, in the calling process's own mount namespace, with a
// descriptor open on everything in it. Made through descriptors alone: names may hold any byte and
// paths may be of any length.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "walker/dentries.h"

namespace gancho::test {

// What succeeded, over all trees. Shared between processes, which run one after the other.
struct Counts {
  std::uint64_t directories, files, tmpfs, overlays, binds, file_binds, moved_mounts,
      detached_copies, renamed, taken_out, directories_taken_out, unlinked, removed, unmounted,
      pseudo, chroots, pivots, old_roots_gone;
  std::uint64_t compared, unreachable, detached, deleted, truncated, escaped, escaped_directories,
      escaped_in_jail, in_jail, too_long;
};

class RandomTree {
 public:
  RandomTree(std::uint64_t seed, Counts& counts);

  void grow();       // directories, files, mounts
  void open_more();  // pipes, sockets and the like
  void disturb();    // rename, delete, unmount
  bool pivot();      // pivot_root into some directory; false when the kernel would not

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] int some_directory();
  std::size_t below(std::size_t n) { return random_() % n; }

 private:
  Node& node_at(int index) { return nodes_[static_cast<std::size_t>(index)]; }
  std::string name();
  int some(bool directory);  // rather a new one; -1: no file
  int any(bool directory);
  int add(Node node);  // Node::in: set here for a mount
  void make_directory(int parent);
  void make_file(int parent);
  void chain(int parent);
  // Puts the mount on the target; when the kernel refuses, closes it.
  bool put(int mount, int target, int source);
  void mount_tmpfs(int target);
  void mount_overlay(int target);
  void bind(bool directories);
  void move_mount_elsewhere();
  [[nodiscard]] bool carries_mounts(int index) const;  // on it or below it
  void rename();
  void take_out();
  void remove();
  void unmount();

  std::mt19937_64 random_;
  Counts& counts_;
  std::vector<Node> nodes_;
  std::set<std::string> names_;  // no name twice: a node is known by its name
  std::size_t longest_name_;
  bool long_paths_;
  bool all_long_ = false;  // names made just now
};

}  // namespace gancho::test
