// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace gancho {

// What follows reads what others have written: not as root. Whoever is not root stays who he is. No
// file can be opened afterwards.
[[nodiscard]] Status give_up_privilege();

}  // namespace gancho
