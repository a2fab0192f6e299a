// SPDX-License-Identifier: Apache-2.0
//
// Which fields a condition may name: those of the schema, those that follow from them or from the
// process table, and those that Falco has and nobody here can supply, with the reason. A name that
// is in none of them is a typing error. What is not in the schema stands here and nowhere else; how
// a field is found in an event's record is rules/field.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/field.h"

namespace gancho::rules {

enum class FieldArgument : std::uint8_t {
  none,
  optional_index,  // proc.aname, proc.aname[2]
  optional_key,    // proc.env, proc.env[PATH]
  optional_both,   // proc.aenv, proc.aenv[2], proc.aenv[PATH]
  key,             // evt.arg[flags], which is evt.arg.flags
};

// Who supplies it.
enum class FieldOrigin : std::uint8_t {
  schema,   // a record has it, or what is joined to it
  derived,  // it follows from what records and the process table have
  none,     // nobody can; `missing` says why
};

// What follows from fields of the schema. A name of the schema's stands here when Falco means
// something else by it, or more.
struct Derived {
  std::string_view name;
  std::string_view meaning;
  Reading reading = Reading::own;
  ValueKind kind = ValueKind::text;
  bool several = false;
  std::string_view first = {};   // field of the schema
  std::string_view second = {};  // likewise
  std::string_view events = {};  // only of these; blanks between them
  bool of_process = false;       // where the record has it not, the process table is asked
  FieldArgument argument = FieldArgument::none;
  Reading indexed = Reading::own;  // with a number in brackets
  Reading keyed = Reading::own;    // with a name
  ProgramFact fact = ProgramFact::none;
};

// Another name for a field of the schema, or for a name that is joined to one.
struct OtherName {
  std::string_view name;
  std::string_view events;  // blanks between them; none: ours, for all that have the field
  std::string_view field;
  std::string_view calls = {};  // only when the event came by one of these
};

[[nodiscard]] std::span<const Derived> derived_fields();
[[nodiscard]] std::span<const OtherName> other_names();

struct FieldName {
  std::string_view name;
  FieldArgument argument = FieldArgument::none;
  FieldOrigin origin = FieldOrigin::none;
  std::string_view missing = {};
  // One line; of a schema's field that events describe differently, as the first of them has it.
  std::string meaning = {};
};

// evt.arg[flags] and evt.rawarg.flags are evt.arg.flags: the name that stands in the table, and no
// argument any more when it became part of it. evt.arg[0], by its place, is "evt.arg[N]".
struct WrittenField {
  std::string name;
  bool has_argument = false;
};
[[nodiscard]] WrittenField written_field(std::string_view name, const std::string* argument);

// nullptr for a name that there is not. "k8s.pod.label.app" is found as "k8s.pod.label".
[[nodiscard]] const FieldName* find_field(std::string_view name);

// Is there a field of that name that somebody supplies?
[[nodiscard]] bool is_supplied(std::string_view name, const std::optional<std::string>& argument);

// All, in the order of the alphabet.
[[nodiscard]] std::span<const FieldName> fields();
[[nodiscard]] std::vector<std::string_view> field_names();
// Those that can be supplied.
[[nodiscard]] std::vector<std::string_view> supplied_names();

// Is that the beginning of any name: "proc" of "proc.name"?
[[nodiscard]] bool is_field_class(std::string_view name);

// Is the word one of those that stand in a list with blanks between them?
[[nodiscard]] bool is_one_of(std::string_view words, std::string_view word);

namespace detail {

// Names that have all but their names in common; blanks between them.
struct MissingGroup {
  FieldArgument argument;
  std::string_view reason;
  std::string_view names;
};
[[nodiscard]] std::span<const MissingGroup> missing_fields();

}  // namespace detail

}  // namespace gancho::rules
