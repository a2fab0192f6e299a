// SPDX-License-Identifier: Apache-2.0
//
// A random tree's nodes, and where they lie in their file systems, whatever the mounts show of
// them: what the tree's maker knows, and the kernel does not say.
#pragma once

#include <string>
#include <vector>

namespace gancho::test {

enum class Kind {
  named,   // in some file system
  memfd,   // readlink says "/memfd:NAME (deleted)"
  pseudo,  // readlink says what the kernel makes up: "pipe:[17]", "anon_inode:[eventfd]"
};

struct Node {
  int fd = -1;
  int parent = -1;   // the directory that it is in, an index; -1: the base, or not named
  std::string name;  // there; for what is not named, what its dentry is called
  int in = -1;       // the mount that the descriptor is of, an index; -1: none of the tree's
  int source = -1;   // of a bind mount: what is bound
  int on = -1;       // of a mount: what it was put on
  Kind kind = Kind::named;
  bool directory = false;
  bool mount = false;
  bool removed = false;  // its name was unlinked
};

class Dentries {
 public:
  explicit Dentries(const std::vector<Node>& nodes) : nodes_(nodes) {}

  [[nodiscard]] const Node& node(int index) const {
    return nodes_[static_cast<std::size_t>(index)];
  }

  // The node that was made with the same dentry: what is bound for a bind mount, else itself.
  [[nodiscard]] int dentry(int index) const;
  // Whether the second one's dentry is the first one's, or above it.
  [[nodiscard]] bool is_below(int index, int ancestor) const;
  // Whether it was moved out of the mount that it was opened in.
  [[nodiscard]] bool outside(int index) const;
  [[nodiscard]] bool removed(int index) const { return node(dentry(index)).removed; }
  // The names from the root of the file system, and the mount that shows this root.
  [[nodiscard]] std::vector<std::string> names(int index) const;
  [[nodiscard]] int file_system(int index) const;
  // The names as a path; "" for the root.
  [[nodiscard]] std::string below_file_system(int index) const;

 private:
  [[nodiscard]] int parent(int index) const;

  const std::vector<Node>& nodes_;
};

}  // namespace gancho::test
