// SPDX-License-Identifier: Apache-2.0
//
// Processes with mounts of their own, for the path walker's tests.
#pragma once

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace gancho::test {

// Throws, with errno's text.
void check(bool good, std::string_view what);

// A new mount namespace for the calling process, which shares nothing with the old one.
void own_mounts();

// The root and the working directory of the calling process.
void set_root(int fd);

// A new mount of a new file system that hangs nowhere yet; -1 when the kernel refuses.
int new_file_system(const char* type,
                    const std::vector<std::pair<const char*, std::string_view>>& options = {});

// Runs it in a child, so that its namespace and its root go with it. Whether it returned true.
bool in_child(const std::function<bool()>& function);

}  // namespace gancho::test
