// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"

namespace gancho {

// All of `text` on standard output, or an error. A reader that has left ends the program (SIGPIPE),
// as it ends any other filter.
[[nodiscard]] Status print(std::string_view text);

}  // namespace gancho
