// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/yaml.h"
#include "rules/rule_text.h"
#include "rules/source.h"

namespace gancho::rules {

// A value of a YAML file with the places of its characters: whichever way it is written there
// (plain, quoted, folded or literal block), what is not blank stands in the file in the same order.
[[nodiscard]] RuleText text_of(const YamlNode& scalar, std::uint32_t file, const Source& source);

}  // namespace gancho::rules
