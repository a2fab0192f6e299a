// SPDX-License-Identifier: Apache-2.0
//
// The kernel's functions behind the names of system calls. A table calls them as it likes: "uname"
// is
// __x64_sys_newuname, and the 32-bit "chown" __ia32_sys_chown16. So all that a name may stand for
// is found, and the BPF program goes by the number of the call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gancho {

struct CallFunction {
  std::string name;           // "__x64_sys_newuname"
  std::uint64_t address = 0;  // several names may share one: it is there once
  bool returns = true;        // else it ends its task

  friend bool operator==(const CallFunction&, const CallFunction&) = default;
};

// One pass over `symbols`, the kernel's table (0.1 s, so only where a call is asked for).
// Errc::unsupported when there is none for one of the calls.
[[nodiscard]] Result<std::vector<CallFunction>> find_call_functions(
    std::span<const std::string> calls, const char* symbols = "/proc/kallsyms");

// What functions a call may have, without their prefix: "uname", "newuname", ...
[[nodiscard]] std::vector<std::string> call_spellings(std::string_view call);

}  // namespace gancho
