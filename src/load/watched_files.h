// SPDX-License-Identifier: Apache-2.0
//
// Which files read and write are told of: from paths to what the programs compare.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "config.bpf.h"

namespace gancho {

struct WatchSet {
  struct File {
    watched_file file;
    std::uint32_t marks;  // WATCH_SELF, _BENEATH, _NAMES
  };
  std::vector<File> files;
  std::vector<watched_name> names;
  std::uint32_t watch = 0;  // for gancho_filter, without WATCH_SECOND
};

// What the files behind all descriptors of this process are called in the kernel.
using DescribeDescriptors = std::function<Result<std::vector<descriptor_file>>()>;

// A path may be a file, one that does not exist yet in a directory that does, or a directory, which
// stands for all beneath it. Symbolic links are followed. Opens 128 descriptors at most, and closes
// them. Errc::usage, with the path, when there is nothing to watch.
[[nodiscard]] Result<WatchSet> find_watched_files(std::span<const std::string> paths,
                                                  const DescribeDescriptors& describe);

// The same errors, before anything is loaded.
[[nodiscard]] Status check_watched_files(std::span<const std::string> paths);

// Makes `set` the first or the second set of the two maps, instead of what that was before. The
// other is as it was, at every moment.
[[nodiscard]] Status write_watch_set(int files_map, int names_map, const WatchSet& set,
                                     bool second);

}  // namespace gancho
