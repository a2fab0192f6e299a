// SPDX-License-Identifier: Apache-2.0
//
// The names that the values of a field are made of, where these are a closed set: errors, types of
// files and sockets, flags, capabilities, commands, signals.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "rules/field.h"

namespace gancho::rules {

// Of all events that have the field, sorted, and Falco's beside them. Empty when it may be
// anything.
[[nodiscard]] std::vector<std::string_view> value_names(const Field& field);

// What of a value is none of these names and no number; "" when all of it is. A value may be
// several names with | or a blank between them.
[[nodiscard]] std::string_view no_name_in(std::string_view value,
                                          std::span<const std::string_view> names);

// The name by which the same number is shown, where people know it by two: EAGAIN for EWOULDBLOCK;
// "" for any other.
[[nodiscard]] std::string_view shown_name(std::string_view name);

}  // namespace gancho::rules
