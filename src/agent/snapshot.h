// SPDX-License-Identifier: Apache-2.0
//
// The process table without an agent: what is there now, looked at once.
#pragma once

#include <string>

#include "base/result.h"

namespace gancho {

struct Snapshot {
  std::string answer;    // not looked at
  bool held_up = false;  // as TaskVisit has it
};

// Loads the task iterator, lets a worker make the table of what it finds, and asks that one as any
// client would ask an agent's (src/agent/request.h). Nothing is left when it returns. Needs root.
[[nodiscard]] Result<Snapshot> ask_a_snapshot();

}  // namespace gancho
