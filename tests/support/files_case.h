// SPDX-License-Identifier: Apache-2.0
//
// What tests of operations on files share: a place of their own on a tmpfs, and the fields of a
// file.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "support/call_truth.h"

namespace gancho::test {

// A new empty directory on a file system of the tests' own.
std::string fresh();

// A regular file of these permissions, made by the test itself; its path.
std::string make_file(const std::string& path, mode_t mode = 0640);
std::string make_directory(const std::string& path, mode_t mode = 0755);

// lstat(2), which must succeed.
struct stat look(const std::string& path);

// fd.ino, fd.dev, fd.mode, fd.type.
void add_object(Event& fields, const struct stat& file);
std::string type_text(mode_t mode);

// The same, and fd.uid, fd.gid with their names.
void add_owned_object(Event& fields, const struct stat& file);

// To be called by a stage: the process changes into a directory.
std::function<void()> in(const std::string& place);

// Linux 6.12, not 6.1.
bool newer_kernel();

// To be called by a stage: the process becomes this user, without any capability.
void become(uid_t id);

inline const std::string k_too_long = "/" + std::string(300, 'n');  // one name
inline const std::string k_far_too_long = std::string(2500, '.') + "/x" + std::string(2500, 'y');
inline const void* const k_nowhere = reinterpret_cast<const void*>(16);  // no memory is there

}  // namespace gancho::test
