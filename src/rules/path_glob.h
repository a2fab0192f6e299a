// SPDX-License-Identifier: Apache-2.0
//
// Paths of `pmatch` with *, ? or [...] in them. As in Falco, a part of the path stands for a part:
// none of them goes beyond a '/', unlike those of `glob`.
#pragma once

#include <string>
#include <string_view>

namespace gancho::rules {

[[nodiscard]] bool is_path_glob(std::string_view path);

// A regular expression (RE2, bytes, the whole text) for what it names and what lies below.
[[nodiscard]] std::string path_glob_regex(std::string_view path);

}  // namespace gancho::rules
