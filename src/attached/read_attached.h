// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attached/attached.h"
#include "base/result.h"

namespace gancho {

// A snapshot of now. What goes while it is taken may be missing, or be named by another's facts;
// that is no error. Errc::permission when the kernel does not let us list what others loaded.
[[nodiscard]] Result<Attached> read_attached();

}  // namespace gancho
