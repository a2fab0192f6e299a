// SPDX-License-Identifier: Apache-2.0
//
// A path of a known number of names and mounts, with nothing else on the way up.
#pragma once

#include <cstddef>
#include <string>

#include "base/fd.h"

namespace gancho::test {

struct Chain {
  std::size_t names;       // directories, each in the one before
  std::size_t mounts = 0;  // on the first ones
  std::size_t bytes = 1;   // of each name
};

// Each of its names: no part of it is like the one before, so that a byte in a wrong place is seen.
std::string chain_name(std::size_t bytes);

// The steps above the last of its names: the root is mounted on the initramfs, whose root is the
// end.
constexpr std::size_t k_root_steps = 2;

// Makes the calling process's root an empty file system in a mount namespace of its own, and the
// chain in it. Its last directory.
Fd make_chain(const Chain& chain);

}  // namespace gancho::test
