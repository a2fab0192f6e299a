// SPDX-License-Identifier: Apache-2.0
//
// What libbpf has to say never reaches the user's terminal: it is kept here, so that an error
// message can quote it. Warnings and notes only; per thread, the last 64 KiB.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gancho {

// Routes libbpf's messages here. Any number of times, from any thread, before libbpf is used.
void capture_libbpf_log();

// What libbpf said on this thread since it was last asked; empties the buffer.
[[nodiscard]] std::string take_libbpf_log();

// "WHAT: Invalid argument: " and the reason among what libbpf said; takes that. `error`: an errno,
// negative or not.
[[nodiscard]] std::unexpected<Error> fail_libbpf(std::string_view what, int error);

}  // namespace gancho
