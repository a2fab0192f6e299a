// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "rules/items.h"
#include "rules/node_reader.h"

namespace gancho::rules {

// The value of the key "exceptions". With `more`, an exception may have been defined before and
// have nothing but values.
[[nodiscard]] std::vector<ExceptionItem> read_exceptions(const NodeReader& reader,
                                                         const YamlNode& node, bool more);

}  // namespace gancho::rules
