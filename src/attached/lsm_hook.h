// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "attached/btf_objects.h"

namespace gancho {

// "socket_bind" of a program that is for this LSM hook; "" when it has gone, is for none, or where
// the kernel does not tell (before 6.0).
[[nodiscard]] std::string lsm_hook_of(std::uint32_t program, BtfObjects& types);

}  // namespace gancho
