// SPDX-License-Identifier: Apache-2.0
//
// The commands of gancho: a table each, in a file each.
#pragma once

#include <span>

#include "agent/options.h"
#include "cli/arguments.h"
#include "cli/terminal.h"

namespace gancho {

extern const CommandDesc k_watch_command;
extern const CommandDesc k_run_command;
extern const CommandDesc k_ps_command;
extern const CommandDesc k_stat_command;
extern const CommandDesc k_replay_command;
extern const CommandDesc k_map_command;
extern const CommandDesc k_policy_command;
extern const CommandDesc k_docs_command;
extern const CommandDesc k_completion_command;
extern const CommandDesc k_version_command;

// All of them, in the order in which help shows them.
[[nodiscard]] std::span<const CommandDesc* const> commands();

// What `gancho watch` and `gancho run` ask of the keeper.
[[nodiscard]] Result<AgentOptions> watch_options(const Arguments& arguments,
                                                 const Terminal& terminal);
[[nodiscard]] Result<AgentOptions> run_options(const Arguments& arguments,
                                               const Terminal& terminal);

}  // namespace gancho
