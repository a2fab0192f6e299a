// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace gancho {

// `words` is argv without the program's name. Returns the exit status; what went wrong is on
// standard error, a line each.
[[nodiscard]] int run_cli(std::span<const std::string> words);

}  // namespace gancho
