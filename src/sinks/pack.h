// SPDX-License-Identifier: Apache-2.0
//
// The options of sinks as bytes, from the keeper to the courier: two halves of one program.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sinks/options.h"

namespace gancho {

// Of the sinks, and the queue; what the worker needs is not among it.
[[nodiscard]] std::string pack_options(const AlertOptions& options);
[[nodiscard]] Result<AlertOptions> unpack_options(std::string_view bytes);

}  // namespace gancho
