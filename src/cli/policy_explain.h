// SPDX-License-Identifier: Apache-2.0
//
// gancho policy explain: how rules are evaluated.
#pragma once

#include <string>
#include <string_view>

#include "rules/explain.h"

namespace gancho {

// Of all rules with what is watched and collected for them; of the one named `only` when that is
// not "".
[[nodiscard]] std::string explain_text(const rules::Explanation& explanation,
                                       const rules::TypedRules& typed, std::string_view only);

// An event a line (unless there is `only` one rule), then a rule a line, as JSON.
[[nodiscard]] std::string explain_json(const rules::Explanation& explanation,
                                       const rules::TypedRules& typed, std::string_view only);

}  // namespace gancho
