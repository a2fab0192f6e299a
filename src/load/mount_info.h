// SPDX-License-Identifier: Apache-2.0
//
// What is mounted where, of the text of /proc/self/mountinfo. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gancho {

struct MountInfo {
  std::string device;  // "0:30": one file system may be mounted more than once
  std::string root;    // what of it is mounted there; "/" all
  std::string point;
  std::string type;  // "bpf"
};

// In the order in which they were mounted. Lines that are none are left out.
[[nodiscard]] std::vector<MountInfo> parse_mountinfo(std::string_view text);

}  // namespace gancho
