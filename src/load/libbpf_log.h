// SPDX-License-Identifier: Apache-2.0
//
// What libbpf has to say never reaches the user's terminal: it is kept here, so that an error
// message can quote it. Warnings and notes only; per thread, the last 64 KiB.
#pragma once

#include <string>

namespace gancho {

// Routes libbpf's messages here. Any number of times, from any thread, before libbpf is used.
void capture_libbpf_log();

// What libbpf said on this thread since it was last asked; empties the buffer.
[[nodiscard]] std::string take_libbpf_log();

}  // namespace gancho
