// SPDX-License-Identifier: Apache-2.0
//
// What keeps sinks from delivering, as far as it can be seen without sending or creating anything.
#pragma once

#include "base/result.h"
#include "sinks/options.h"

namespace gancho {

// Errc::input: a line for each sink that something is wrong with, with the setting that names it.
// As the user who calls.
[[nodiscard]] Status check_sinks(const AlertOptions& options);

}  // namespace gancho
