// SPDX-License-Identifier: Apache-2.0
//
// A field of a condition, found in the schema: where each event has it, what it is compared as, and
// how it is read. Plain data; what reads it is rules/field_reader.h.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.h"

namespace gancho::rules {

enum class ValueKind : std::uint8_t { number, truth, text, address };

// "a number", for errors.
[[nodiscard]] std::string_view kind_text(ValueKind kind);

enum class Reading : std::uint8_t {
  own,       // as the schema's type has it
  constant,  // the same in every record: Field::constant
  event_names,
  mode_names,     // S_ISUID|S_IRUSR, of a mode
  file_words,     // the file's type by our name and by Falco's
  file_letter,    // Falco's
  failed,         // an error that is not 0
  opens_to_read,  // of flags of open(2)
  opens_to_write,
  result,          // what the call returned: a field of its own, or the error
  age,             // between two times
  both_ends,       // two fields: both values
  directory,       // of a path
  filename,        // of a path
  command_line,    // the thread's name and all arguments but the first
  arguments,       // all but the first
  argument,        // by Field::index, the one behind the program's name is 0
  argument_list,   // all but the first, one by one
  program_name,    // the first
  every_argument,  // with the first
  argument_count,
  argument_bytes,
  ancestor_names,  // each; of several programs that one process has executed the last
  ancestor_name,   // by Field::index: 0 is the process itself, 1 its parent
  ancestor_pids,
  ancestor_pid,
  program_path,    // resolved
  parent_program,  // what the process table knows of the parent
  parent_path,
  parent_command_line,
};

struct FieldRows {
  const FieldDesc* first = nullptr;  // nullptr: this event does not have it
  const FieldDesc* second = nullptr;
  bool joined = false;  // the name that belongs to `first`
  bool zero = false;    // of a result: what it is when the call has not failed
};

struct Field {
  std::string name;  // with what stands in brackets: "proc.aname[2]"
  Reading reading = Reading::own;
  ValueKind kind = ValueKind::text;
  bool several = false;     // may have none or many values; a comparison holds when it does for any
  std::uint32_t index = 0;  // of ancestors, arguments
  std::string_view constant = {};
  std::vector<FieldRows> rows;  // by event type
  bool of_process = false;      // where the record has it not, the process table is asked

  // May an event of this type have it?
  [[nodiscard]] bool supplied_by(std::uint16_t type) const;
  // What its rows are, when all are of one type.
  [[nodiscard]] std::optional<FieldType> only_type() const;
};

// What is wrong with it, in a line: what was expected, the nearest name.
[[nodiscard]] std::expected<Field, std::string> find_field_rows(
    std::string_view name, const std::optional<std::string>& argument);

// evt.type: the event's own name, and those that Falco has for what it tells of.
[[nodiscard]] std::span<const std::string_view> event_aliases(std::uint16_t type);

// One more than the highest type of an event.
[[nodiscard]] std::size_t event_type_count();

}  // namespace gancho::rules
