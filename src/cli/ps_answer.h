// SPDX-License-Identifier: Apache-2.0
//
// An agent's answer, read back. It comes from a process without privilege that handles what others
// have written, so it is not believed: only JSON of the expected shape is taken. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/lifecycle.h"

namespace gancho {

struct PsAncestor {
  ProcessKey process;
  std::string name;
  bool alive = false;
};

struct PsProcess {
  std::string_view line;  // of the answer, as it came
  ProcessKey process;
  std::string name;
  std::vector<std::string> args;
  std::string exepath;
  std::string user;  // name or number; "" when not known
  std::string tty;
  bool alive = true;
  bool kernel = false;
  std::vector<PsAncestor> ancestors;  // nearest first
};

struct PsAnswer {
  std::vector<PsProcess> processes;  // in the order of their ids
  std::uint64_t refused = 0;         // processes that the table had no room for
  std::string holdings;  // one object of JSON: how full the agent's tables are; "" when it says
                         // nothing of that
};

// `bytes` must outlive the answer. Errors: what the agent refused, or that the answer is cut off or
// makes no sense.
[[nodiscard]] Result<PsAnswer> read_ps_answer(std::string_view bytes);

}  // namespace gancho
