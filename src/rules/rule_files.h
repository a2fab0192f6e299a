// SPDX-License-Identifier: Apache-2.0
//
// Rule files on the disk, and all of them as one text for another process.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/load.h"

namespace gancho::rules {

// In their order; of a folder all that end in .yaml or .yml, by name, but folders and those whose
// names begin with a dot. Regular files of 4 MiB together.
[[nodiscard]] Result<std::vector<RuleFile>> read_rule_files(std::span<const std::string> names);

// The same for people who wait: a pipe will do for a file that is named, and "-" is standard input.
[[nodiscard]] Result<std::vector<RuleFile>> read_rule_files_or_pipes(
    std::span<const std::string> names);

[[nodiscard]] std::string write_bundle(std::span<const RuleFile> files);
// nullopt: that was none.
[[nodiscard]] std::optional<std::vector<RuleFile>> read_bundle(std::string_view bundle);

}  // namespace gancho::rules
