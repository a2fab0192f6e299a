// SPDX-License-Identifier: Apache-2.0
//
// Where file systems of BPF are mounted, in which objects are pinned. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "load/mount_info.h"

namespace gancho {

// Of the text of /proc/self/mountinfo; those of all of a file system first.
[[nodiscard]] std::vector<MountInfo> bpf_mounts(std::string_view mountinfo);

}  // namespace gancho
