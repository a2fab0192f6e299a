// SPDX-License-Identifier: Apache-2.0
//
// Syslog's facilities by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace gancho {

[[nodiscard]] std::vector<std::string_view> facility_words();
// As in syslog.h: already shifted.
[[nodiscard]] std::optional<int> find_facility(std::string_view word);

}  // namespace gancho
