// SPDX-License-Identifier: Apache-2.0
//
// From the words of a command line to values; every error names the option that it is about.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/options.h"
#include "base/result.h"
#include "cli/arguments.h"

namespace gancho {

// One of the option's words.
[[nodiscard]] Result<std::string_view> word_value(const Arguments& arguments,
                                                  const Parameter& option,
                                                  std::string_view otherwise);
// At least 1; 0 when it was not given.
[[nodiscard]] Result<std::uint64_t> count_value(const Arguments& arguments, std::string_view name);
// Longer than nothing.
[[nodiscard]] Result<std::optional<std::chrono::nanoseconds>> duration_value(
    const Arguments& arguments, std::string_view name);
// Gives every option that stands for a setting to that setting.
[[nodiscard]] Status apply_settings(const Arguments& arguments, AgentOptions& options);

}  // namespace gancho
