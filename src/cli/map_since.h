// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "map/texts.h"

namespace gancho {

// "fentry, fexit (from Linux 5.5); kprobe, kretprobe (4.1)": ways to attach a program, and since
// when Linux has them.
[[nodiscard]] std::string with_releases(std::span<const std::string_view> ways, Language language);

}  // namespace gancho
