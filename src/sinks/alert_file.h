// SPDX-License-Identifier: Apache-2.0
//
// The keeper's half of the file sink: it alone may create and rename in root's folders.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// For appending; a new one has mode 0640. A regular file only, and no link.
[[nodiscard]] Result<Fd> open_alert_file(const std::string& path);

// Whether that would go well; creates nothing.
[[nodiscard]] Status check_alert_file(const std::string& path);

// path becomes path.1, path.1 becomes path.2 and so on; what would be more than `keep` is removed.
[[nodiscard]] Status rotate_alert_file(const std::string& path, std::uint32_t keep);

}  // namespace gancho
