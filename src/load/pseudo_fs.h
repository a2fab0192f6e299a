// SPDX-License-Identifier: Apache-2.0
//
// Reading the kernel's own file systems (tracefs, securityfs, debugfs), also where nobody has
// mounted them: then one is opened without a place in the tree, so that a look leaves no trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// Where a file system of this type is mounted for us, "" when nowhere. The last one wins, as for
// `ls`.
[[nodiscard]] std::string mounted_at(std::string_view type);

// The root directory of the file system. `type` is mounted at most once by the kernel, so it does
// not matter which mount is looked at. Opening one that is not mounted needs CAP_SYS_ADMIN.
[[nodiscard]] Result<Fd> open_file_system(const std::string& type);

// A small file without its last newline; nullopt when it cannot be read. `directory` may be
// AT_FDCWD.
[[nodiscard]] std::optional<std::string> read_small_file(int directory, const char* path);

// Number by which perf_event_open(2) knows a tracepoint; `category` "" searches all of them.
[[nodiscard]] Result<std::uint64_t> tracepoint_id(std::string_view category, std::string_view name);

}  // namespace gancho
