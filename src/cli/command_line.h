// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "cli/arguments.h"

namespace gancho {

// Fits `words` (argv without the program's name) to the tables. An error names the nearest known
// command or option. The one function that knows CLI11.
[[nodiscard]] Result<Arguments> parse_command_line(std::span<const CommandDesc* const> commands,
                                                   std::span<const std::string> words);

}  // namespace gancho
