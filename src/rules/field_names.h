// SPDX-License-Identifier: Apache-2.0
//
// Which fields there are: those of Falco, whether they can be supplied or not, and those of the
// schema. A name that is in neither is a typing error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gancho::rules {

enum class FieldArgument : std::uint8_t {
  none,
  optional_index,  // proc.aname, proc.aname[2]
  optional_key,    // proc.env, proc.env[PATH]
  key,             // evt.arg[flags], which is evt.arg.flags
};

// Who is to supply it.
enum class FieldOrigin : std::uint8_t {
  schema,   // a record has it, or what is joined to it
  derived,  // it follows from what records and the process table have
  none,     // nobody can; `missing` says why
};

struct FieldName {
  std::string_view name;
  FieldArgument argument = FieldArgument::none;
  FieldOrigin origin = FieldOrigin::none;
  std::string_view missing = {};
};

// nullptr for a name that there is not. "evt.arg.flags" and "evt.arg" are both found.
[[nodiscard]] const FieldName* find_field(std::string_view name);

// All names, in the order of the alphabet.
[[nodiscard]] std::vector<std::string_view> field_names();

// Is that the beginning of any name: "proc" of "proc.name"?
[[nodiscard]] bool is_field_class(std::string_view name);

}  // namespace gancho::rules
