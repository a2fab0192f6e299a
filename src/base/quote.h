// SPDX-License-Identifier: Apache-2.0
//
// Text that somebody else wrote, inside one line of ours.
#pragma once

#include <string>
#include <string_view>

namespace gancho {

// In double quotes, cut after about 60 bytes, with whatever could steer a terminal written as \xNN.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace gancho
