// SPDX-License-Identifier: Apache-2.0
//
// The worker's cage. It handles strings made by others, so it keeps nothing that they could be
// turned against: own user, no capabilities, no way to gain any, and a list of system calls that
// has none that opens, connects, executes, signals, traces or speaks to the BPF subsystem.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace gancho {

struct SandboxUser {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// In systemd's range for dynamic users (61184 to 65519), where packages put nobody.
inline constexpr std::uint32_t k_fallback_uid = 61733;

// Whom the worker runs as, given the text of /etc/passwd: "gancho" when it is there, else an id
// that belongs to nobody.
[[nodiscard]] SandboxUser choose_sandbox_user(std::string_view passwd);
// The same for the courier, whose user is "gancho-courier": what it executes must not be able to
// end the worker.
[[nodiscard]] SandboxUser choose_courier_user(std::string_view passwd);

// Shuts the cage for this process, for good. Everything that has to be opened or mapped is by now.
// Must be called as root, with one thread. Afterwards memory can be allocated, descriptors that are
// open can be read, written, waited for and closed, and nothing else.
[[nodiscard]] Status enter_sandbox(const SandboxUser& user);

// The courier's: it has threads and Unix sockets; with `network` it connects by IP and opens files
// for reading, which names of hosts and certificates need. It executes, forks, signals nothing.
// Must be called with one thread. It is not killed with the keeper: it sees its end, and has
// a few seconds for what it holds.
[[nodiscard]] Status enter_courier_sandbox(const SandboxUser& user, bool network);

// Of the process that executes alert_program, and so of those programs: own user, no privilege, and
// everything that an ordinary program does.
[[nodiscard]] Status enter_runner_sandbox(const SandboxUser& user);

}  // namespace gancho
