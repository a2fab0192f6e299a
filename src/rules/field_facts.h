// SPDX-License-Identifier: Apache-2.0
//
// What is to be told about each field that a condition may name, read off the table and the schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.h"
#include "rules/field_table.h"

namespace gancho::rules {

struct FieldFacts {
  std::string_view name;
  std::string_view meaning;
  ValueKind kind = ValueKind::text;
  bool several = false;
  bool indexed = false;     // may have a number in brackets
  bool keyed = false;       // may have a name in brackets
  bool falco = false;       // Falco has it by this name
  bool from_table = false;  // of events whose records have it not, from the process table
  // Of what is read for it; nullopt: of nothing that a record has.
  std::optional<Phase> phase = {};
  std::optional<Cost> cost = {};
  std::vector<std::string_view> events = {};  // whose records have it, in the schema's order
  bool every_event = false;                   // all of them, or it needs none
};

// All that can be supplied, in the order of the alphabet.
[[nodiscard]] std::vector<FieldFacts> field_facts();
// The same as far as records of the event have it, or the process table. Phase and cost are the
// event's.
[[nodiscard]] std::vector<FieldFacts> field_facts(const EventDesc& event);

// "[N]", "[NAME]", "[N or NAME]", or "".
[[nodiscard]] std::string_view brackets(const FieldFacts& facts);

// "number", "text", "true or false", "IP address".
[[nodiscard]] std::string_view kind_word(ValueKind kind);
[[nodiscard]] std::string_view phase_word(Phase phase);
[[nodiscard]] std::string_view cost_word(Cost cost);

// docs/fields.md: fields, those that cannot be supplied, operators and transformers.
[[nodiscard]] std::string fields_page();

}  // namespace gancho::rules
