// SPDX-License-Identifier: Apache-2.0
//
// The privileged half of the agent: loads and attaches the BPF programs, holds their links, starts
// the unprivileged worker that reads the rings, and starts another when it dies.
#pragma once

#include "agent/options.h"
#include "base/result.h"

namespace gancho {

// Runs in the foreground until SIGINT, SIGTERM or a limit of `options`. Returns the exit status: 0
// on a normal end. Afterwards nothing of the agent is left in the kernel.
[[nodiscard]] Result<int> run_keeper(AgentOptions options);

// The worker's entry: what `gancho` becomes when the keeper executes it as its worker. `control_fd`
// is the socket to the keeper. Only of use to the keeper.
[[nodiscard]] int run_worker(int control_fd);

}  // namespace gancho
