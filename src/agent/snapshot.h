// SPDX-License-Identifier: Apache-2.0
//
// The process table without an agent: what is there now, looked at once.
#pragma once

#include <string>

#include "base/result.h"

namespace gancho {

// Loads the task iterator, lets a worker make the table of what it finds, and asks that one as any
// client would ask an agent's (src/agent/request.h). Nothing is left when it returns. Needs root.
[[nodiscard]] Result<std::string> ask_a_snapshot();

}  // namespace gancho
