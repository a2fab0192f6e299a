// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace gancho {

// The bytes of a file, "-" being standard input. Of a larger one `max_bytes` + 1, which is enough
// to know that there are too many.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// The same of a regular file, or of a device such as /dev/null: it never waits for what a pipe or a
// terminal may bring.
[[nodiscard]] Result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes);

}  // namespace gancho
