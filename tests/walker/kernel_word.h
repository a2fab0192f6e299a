// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says about descriptors of the calling process, by /proc/self.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "walker/dentries.h"

namespace gancho::test {

constexpr std::string_view k_deleted = " (deleted)";

// Takes k_deleted off; whether it was there.
bool strip_deleted(std::string& path);

// Keeps /proc/self, so that it answers below any root.
class Proc {
 public:
  Proc();

  // As it is; nothing when it is too long.
  [[nodiscard]] std::optional<std::string> link(int fd) const;
  [[nodiscard]] std::set<int> mounts() const;  // of the namespace, those below the reader's root
  [[nodiscard]] int mount_of(int fd) const;

 private:
  [[nodiscard]] std::string read(const std::string& name) const;

  Fd directory_;
};

struct Full {
  std::string path;
  bool deleted = false;
};

// What readlink would say with room for it. A piece that fits is read with an ancestor for the
// reader's root. For nodes that are inside of their mounts only.
class FullPaths {
 public:
  FullPaths(const Proc& proc, const Dentries& dentries, int home)
      : proc_(proc), dentries_(dentries), home_(home) {}

  [[nodiscard]] Full of(int node) const;

 private:
  // From `start` up, itself not counted.
  [[nodiscard]] Full above(int fd, int start) const;

  const Proc& proc_;
  const Dentries& dentries_;
  int home_;
};

}  // namespace gancho::test
