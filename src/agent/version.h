// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gancho {

inline constexpr std::string_view k_version = GANCHO_VERSION;  // from CMakeLists.txt

}  // namespace gancho
