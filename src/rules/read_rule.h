// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "rules/items.h"
#include "rules/node_reader.h"

namespace gancho::rules {

// An entry that is a rule, or what changes one; `name` is the value of its key "rule". nullopt when
// there is a problem with it.
[[nodiscard]] std::optional<RuleItem> read_rule(const NodeReader& reader, const YamlNode& item,
                                                const YamlNode& name);

}  // namespace gancho::rules
