// SPDX-License-Identifier: Apache-2.0
//
// Where file systems of BPF are mounted, in which objects are pinned. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gancho {

struct BpfMount {
  std::string device;  // "0:30": one file system may be mounted more than once
  std::string root;    // what of it is mounted there; "/" all
  std::string point;
};

// Of the text of /proc/self/mountinfo; those of all of a file system first.
[[nodiscard]] std::vector<BpfMount> parse_bpf_mounts(std::string_view mountinfo);

}  // namespace gancho
