// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/hints.h"
#include "rules/problems.h"
#include "rules/rule.h"

namespace gancho::rules {

// Are the fields of the rule there, and are their arguments what they take? A typing error is a
// problem, and the answer false. A rule that compares a field that nobody can supply is disabled
// with that as the reason; so is one with an unknown field whose author wants it skipped then.
[[nodiscard]] bool check_fields(Rule& rule, bool skip_if_unknown, Hints& hints, Problems& problems);

}  // namespace gancho::rules
