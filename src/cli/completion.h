// SPDX-License-Identifier: Apache-2.0
//
// Completion scripts, written from the command tables: commands, options, event names, values.
#pragma once

#include <span>
#include <string>

#include "cli/arguments.h"

namespace gancho {

[[nodiscard]] std::string bash_completion(std::span<const CommandDesc* const> commands);
[[nodiscard]] std::string zsh_completion(std::span<const CommandDesc* const> commands);
[[nodiscard]] std::string fish_completion(std::span<const CommandDesc* const> commands);

}  // namespace gancho
