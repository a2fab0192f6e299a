// SPDX-License-Identifier: Apache-2.0
//
// Help pages, at most 80 columns wide.
#pragma once

#include <span>
#include <string>

#include "cli/arguments.h"

namespace gancho {

[[nodiscard]] std::string program_help(std::span<const CommandDesc* const> commands);
[[nodiscard]] std::string command_help(const CommandDesc& command);

}  // namespace gancho
