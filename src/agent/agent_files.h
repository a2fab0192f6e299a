// SPDX-License-Identifier: Apache-2.0
//
// Files that the keeper opens for its worker, which can open none.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// To append to; "-" is standard output.
[[nodiscard]] Result<Fd> open_output(const std::string& path);

// Emptied, when it can be. Records hold other people's arguments: for the owner only.
[[nodiscard]] Result<Fd> open_recording(const std::string& path);

// To read; where it cannot be opened, a file with nothing in it.
[[nodiscard]] Fd open_or_nothing(const char* path);

}  // namespace gancho
