// SPDX-License-Identifier: Apache-2.0
//
// gancho policy fields: what a condition may name.
#pragma once

#include <string>

#include "event/schema.h"

namespace gancho {

// A field a line, of one event or (nullptr) of all; below, how many of Falco's nobody supplies.
[[nodiscard]] std::string policy_fields_table(const EventDesc* event);

// The same as JSON; of all, those that nobody supplies, too, with the reason.
[[nodiscard]] std::string policy_fields_json(const EventDesc* event);

}  // namespace gancho
