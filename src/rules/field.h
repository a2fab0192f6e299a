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
  constant,  // the same in every record: Field::constant, or 1
  event_names,
  mode_names,   // S_ISUID|S_IRUSR, of a mode
  file_words,   // the file's type by our name and by Falco's
  file_letter,  // Falco's
  user_words,   // a user's number, and the name that belongs to it
  group_words,
  failed,         // an error that is not 0
  opens_to_read,  // of flags of open(2)
  opens_to_write,
  opens_to_create,   // creates what it opens
  opens_to_execute,  // and whoever it may be can execute it
  result,            // what the call returned: a field of its own, or the error
  of_event,          // true of some events, untrue of all others
  every_own,         // the call's arguments: "name=value name=value"
  age,               // between two times
  wall_text,         // UTC, RFC 3339
  time_text,         // "15:04:05"
  date_time_text,    // "2026-01-02 15:04:05.000000001"
  date_second_text,  // without the part of a second
  wall_ns,           // since 1970
  wall_seconds,
  wall_rest,  // of the second, ns
  device_major,
  device_minor,
  is_connected,    // a socket
  is_renamed,      // a socket that gets its other end
  both_ends,       // two fields: both values
  host_name,       // that a rule has for an address (rules/host_names.h)
  is_privileged,   // a container, as its runtime's state has it
  directory,       // of a path
  filename,        // of a path
  command_line,    // the thread's name and all arguments but the first
  arguments,       // all but the first
  argument,        // by Field::index, the one behind the program's name is 0
  argument_list,   // all but the first, one by one
  environment,     // "A=1 B=2"
  variable,        // of it, by Field::key
  program_name,    // the first
  every_argument,  // with the first
  argument_count,
  argument_bytes,
  ancestor_names,  // each; of several programs that one process has executed the last
  ancestor_name,   // by Field::index: 0 is the process itself, 1 its parent
  ancestor_pids,
  ancestor_pid,
  program_fact,  // Field::fact
  terminal,      // its device as the kernel's stat(5) has it, 0 for none
  is_session_leader,
  is_main_thread,
  parent_program,  // what the process table knows of the parent
  parent_path,
  parent_command_line,
  parent_pid,  // of one that lives
  parent_vpid,
  parent_start,
  parent_age,
  session_name,  // of its leader: an ancestor, or the process itself
  session_program,
  session_path,
  ancestor_programs,  // what the process table knows of ancestors: each, or by Field::index
  ancestor_program,
  ancestor_paths,
  ancestor_path,
  ancestor_command_lines,
  ancestor_command_line,
  ancestor_arguments,
  ancestor_argument,
  ancestor_environments,
  ancestor_environment,
  ancestor_variable,  // by Field::key: of the nearest that has it
};

// What a process's program is known by: in the records that tell of it, and in the process table.
enum class ProgramFact : std::uint8_t {
  none,
  exepath,
  exehostpath,
  cwd,
  tty_name,
  sid,
  vpid,
  loginuid,
  loginname,
  cap_permitted,
  cap_effective,
  exe_ino,
  is_from_memfd,
  is_upper_layer,
  env_truncated,
};

struct FieldRows {
  const FieldDesc* first = nullptr;  // nullptr: this event does not have it
  const FieldDesc* second = nullptr;
  bool joined = false;  // the name that belongs to `first`
  bool zero = false;    // of a result: it is 0 when the call has not failed; of_event: so it is
  std::string_view calls = {};  // known only when the event came by one of these
  // Of an open: the path as it was given, and how the call went. Of a file that could not be opened
  // nothing else is known.
  const FieldDesc* given = nullptr;
  const FieldDesc* error = nullptr;
};

struct Field {
  std::string name;  // with what stands in brackets: "proc.aname[2]"
  Reading reading = Reading::own;
  ValueKind kind = ValueKind::text;
  bool several = false;     // may have none or many values; a comparison holds when it does for any
  std::uint32_t index = 0;  // of ancestors, arguments
  std::string key = {};     // a variable's name
  ProgramFact fact = ProgramFact::none;
  std::string_view constant = {};
  std::vector<FieldRows> rows;  // by event type
  bool of_process = false;      // where the record has it not, the process table is asked

  // May an event of this type have it?
  [[nodiscard]] bool supplied_by(std::uint16_t type) const;
  // What its rows are, when all are of one type.
  [[nodiscard]] std::optional<FieldType> only_type() const;
};

// What is wrong with it, in a line: what was expected, the nearest name. Which names there are is
// said in rules/field_table.h.
[[nodiscard]] std::expected<Field, std::string> find_field_rows(
    std::string_view name, const std::optional<std::string>& argument);

// evt.type: the event's own name, and those that Falco has for what it tells of.
[[nodiscard]] std::span<const std::string_view> event_aliases(std::uint16_t type);

// One more than the highest type of an event.
[[nodiscard]] std::size_t event_type_count();

}  // namespace gancho::rules
