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

// Shuts the cage for this process, for good. Everything that has to be opened or mapped is by now.
// Must be called as root, with one thread. Afterwards memory can be allocated, descriptors that are
// open can be read, written, waited for and closed, and nothing else.
[[nodiscard]] Status enter_sandbox(const SandboxUser& user);

}  // namespace gancho
