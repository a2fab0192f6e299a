// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part that finds out which way a field is read, and reads what the record has.
// Its other parts: field_container, field_environment, field_file, field_forms, field_process.
#include "rules/field_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "event/address.h"
#include "event/names.h"
#include "event/values.h"
#include "rules/cells.h"
#include "rules/field_table.h"
#include "rules/mode_names.h"

namespace gancho::rules {

bool FieldReader::bytes(const Field& field, std::string_view Program::* of_program,
                        std::string_view& bytes) const {
  if (const FieldDesc* desc = field.rows[type_].first; desc != nullptr) {
    gancho::Value value;
    if (!event_->get(*desc, value)) return false;
    bytes = value.bytes;
    return true;
  }
  const Program* known = program();
  if (known == nullptr) return false;
  bytes = known->*of_program;
  return true;
}

Found FieldReader::read_own(const FieldRows& rows, ValueKind kind, Cell& cell) {
  if (rows.joined) return read_name(rows, cell);
  gancho::Value value;
  using enum FieldType;
  if (!event_->get(*rows.first, value))
    return says_host(*rows.first) ? text(k_host, cell) : Found::unknown;
  switch (value.type) {
    case comm:
    case string:
    case word:
    case path:
    case host_path:
    case event_name:
    case event_class:
      return text(value.bytes, cell);
    case endpoint:
    case connection:
      if (value.number != 0 && !is_abstract(value.bytes)) return text(value.bytes, cell);
      return render(value, cell);
    case container:
    case container_flag:
      return read_container(*rows.first, value.bytes, cell);
    case uid:
    case gid:
      if (kind == ValueKind::number && value.number == UINT32_MAX) {
        cell.number = Number::of_signed(-1);
        return Found::one;
      }
      break;
    case mode:  // as it is shown: without the file's type
      return kind == ValueKind::text ? render(value, cell) : number(value.number & 07777U, cell);
    case i32:
    case i64:
      if (kind != ValueKind::number) break;
      cell.number = Number::of_signed(value.signed_number());
      return Found::one;
    case ip_address:
      if (kind != ValueKind::address) break;
      cell.address = ip_of(wire_of<ev_address>(value));
      return Found::one;
    default:
      break;
  }
  return kind == ValueKind::text ? render(value, cell) : number(value.number, cell);
}

Found FieldReader::read_result(const FieldRows& rows, Cell& cell) {
  gancho::Value error;
  if (rows.second != nullptr) {
    if (!event_->get(*rows.second, error)) return Found::unknown;
    cell.number = Number::of_signed(error.signed_number());
    if (error.signed_number() < 0 || rows.zero) return Found::one;
  }
  return rows.first == nullptr ? Found::unknown
                               : read_own({.first = rows.first}, ValueKind::number, cell);
}

Found FieldReader::read_arguments(const Field& field, Cell& cell) {
  std::string_view list;
  if (!bytes(field, &Program::args, list)) return Found::unknown;
  if (field.reading != Reading::argument_bytes) list = as_shown(list);
  const std::string_view rest = behind_first(list);
  const auto count = static_cast<std::uint64_t>(std::ranges::count(rest, '\0')) +
                     (!rest.empty() && rest.back() != '\0' ? 1 : 0);
  switch (field.reading) {
    case Reading::arguments:
      return join_elements("", rest, cell);
    case Reading::every_argument:
      return join_elements("", list, cell);
    case Reading::program_name:
      return list.empty() ? Found::unknown : text(list.substr(0, list.find('\0')), cell);
    case Reading::argument_count:
      return number(count, cell);
    case Reading::argument_bytes:
      return number(rest.size() - static_cast<std::size_t>(std::ranges::count(rest, '\0')), cell);
    default: {  // command_line
      // Of the whole record's life: a view of a copy would not do.
      const auto* comm =
          reinterpret_cast<const char*>(event_->record().data()) + offsetof(ev_header, comm);
      return join_elements({comm, ::strnlen(comm, EV_COMM_LEN)}, rest, cell);
    }
  }
}

bool FieldReader::came_by(std::string_view calls) const {
  for (const FieldDesc& field : event_->desc().fields) {
    gancho::Value value;
    if (field.type != FieldType::syscall || !event_->get(field, value)) continue;
    std::array<char, k_names_max> name;
    const char* const end = write_syscall(name.data(), value.number);
    return is_one_of(calls, {name.data(), static_cast<std::size_t>(end - name.data())});
  }
  return false;
}

// A call that failed gives a socket no other end; one that said EINPROGRESS has begun to.
Found FieldReader::read_socket(const FieldRows& rows, bool renamed, Cell& cell) const {
  gancho::Value error;
  if (!event_->get(*rows.first, error)) return Found::unknown;
  const std::string_view event = event_->desc().name;
  const std::int64_t result = error.signed_number();
  if (event == "connect")
    return number(result == 0 || (renamed && result == -EINPROGRESS) ? 1 : 0, cell);
  return number(event == "accept" && result == 0 ? 1 : 0, cell);
}

Found FieldReader::read(const Field& field, Cell& cell) {
  const Found found = read_known(field, cell);
  if (found != Found::unknown || field.rows[type_].given == nullptr) return found;
  return read_failed_open(field, cell);
}

Found FieldReader::read_known(const Field& field, Cell& cell) {
  const FieldRows& rows = field.rows[type_];
  using enum Reading;
  switch (field.reading) {
    case constant:
      return field.kind == ValueKind::text ? text(field.constant, cell) : number(1, cell);
    case of_event:
      return number(rows.zero ? 1 : 0, cell);
    case every_own:
      return read_every_own(cell);
    case program_fact:
      return read_program(field, cell);
    case terminal:
      return read_terminal(rows, cell);
    case parent_program:
    case parent_path:
    case parent_command_line:
    case parent_pid:
    case parent_vpid:
    case parent_start:
    case parent_age:
      return read_parent(field, cell);
    case is_session_leader:
    case session_name:
    case session_program:
    case session_path:
      return read_session(field, cell);
    case arguments:
    case every_argument:
    case program_name:
    case argument_count:
    case argument_bytes:
    case command_line:
      return read_arguments(field, cell);
    case environment:
      return read_environment(rows, cell);
    case file_letter:
      return read_letter(rows, cell);
    case result:
      return read_result(rows, cell);
    default:
      break;
  }
  if (rows.first == nullptr) return Found::unknown;
  if (!rows.calls.empty() && !came_by(rows.calls)) return Found::unknown;
  switch (field.reading) {
    case mode_names: {
      gancho::Value value;
      char* const begin = arena_->reserve(k_mode_names_max);
      if (begin == nullptr || !event_->get(*rows.first, value)) return Found::unknown;
      char* const end = write_mode_names(begin, static_cast<std::uint32_t>(value.number));
      arena_->keep(end);
      return text({begin, static_cast<std::size_t>(end - begin)}, cell);
    }
    case failed: {
      gancho::Value value;
      return event_->get(*rows.first, value) ? number(value.number != 0 ? 1 : 0, cell)
                                             : Found::unknown;
    }
    case age: {
      const ev_header header = event_->header();
      return number(header.time >= header.start_time ? header.time - header.start_time : 0, cell);
    }
    case wall_text:
    case time_text:
    case date_time_text:
    case date_second_text:
    case wall_ns:
    case wall_seconds:
    case wall_rest: {
      gancho::Value value;
      return event_->get(*rows.first, value) ? read_time(field.reading, value.number, cell)
                                             : Found::unknown;
    }
    case device_major:
    case device_minor: {
      gancho::Value value;
      if (rows.first->type != FieldType::device || !event_->get(*rows.first, value))
        return Found::unknown;
      return number(field.reading == device_major ? value.number >> 20 : value.number & 0xfffff,
                    cell);
    }
    case is_main_thread: {
      const ev_header header = event_->header();
      return number(header.tid == header.pid ? 1 : 0, cell);
    }
    case is_connected:
      return read_socket(rows, false, cell);
    case is_renamed:
      return read_socket(rows, true, cell);
    case opens_to_execute: {
      gancho::Value created;
      gancho::Value mode;
      if (!event_->get(*rows.first, created)) return Found::unknown;
      if (created.number == 0) return number(0, cell);
      if (rows.second == nullptr || !event_->get(*rows.second, mode)) return Found::unknown;
      return number((mode.number & 0111U) != 0 ? 1 : 0, cell);
    }
    case opens_to_read:
      return read_flags(rows, false, cell);
    case opens_to_write:
      return read_flags(rows, true, cell);
    case host_name: {
      if (read_own(rows, ValueKind::address, cell) != Found::one) return Found::unknown;
      const std::string_view name = hosts_.name_of(cell.address);
      return name.empty() ? Found::unknown : text(name, cell);
    }
    case directory:
      return read_path_part(rows, true, cell);
    case filename:
      return read_path_part(rows, false, cell);
    default:
      return read_own(rows, field.kind, cell);
  }
}

bool FieldReader::read(const Field& field, std::vector<Cell>& cells) {
  const FieldRows& rows = field.rows[type_];
  Cell cell;
  using enum Reading;
  switch (field.reading) {
    case event_names: {
      for (const std::string_view name : event_aliases(type_)) cells.push_back({.text = name});
      if (rows.first != nullptr && read_own(rows, field.kind, cell) == Found::one)
        cells.push_back(cell);
      return true;
    }
    case file_words:
      return read_file_words(rows, cells);
    case user_words:
    case group_words:
      return read_id_words(field, cells);
    case both_ends: {
      bool known = false;
      for (const FieldDesc* end : {rows.first, rows.second}) {
        if (end == nullptr || read_own({.first = end}, field.kind, cell) != Found::one) continue;
        known = true;
        cells.push_back(cell);
      }
      return known;
    }
    case ancestor_names:
    case ancestor_name:
    case ancestor_pids:
    case ancestor_pid:
      return read_lineage(field, cells);
    case ancestor_programs:
    case ancestor_program:
    case ancestor_paths:
    case ancestor_path:
    case ancestor_command_lines:
    case ancestor_command_line:
    case ancestor_arguments:
    case ancestor_argument:
    case ancestor_environments:
    case ancestor_environment:
      return read_ancestors(field, cells);
    case ancestor_variable:
      return read_ancestor_variable(field, cells);
    case variable:
      return read_variable(field, cells);
    case argument: {
      std::string_view list;
      if (!bytes(field, &Program::args, list)) return false;
      std::uint32_t place = 0;
      for_each_element(behind_first(as_shown(list)), [&](std::string_view element) {
        if (place++ == field.index) cells.push_back({.text = element});
      });
      return true;
    }
    case argument_list: {
      std::string_view list;
      if (!bytes(field, &Program::args, list)) return false;
      std::size_t room = k_values_max;
      bool whole = true;
      for_each_element(behind_first(as_shown(list)), [&](std::string_view element) {
        whole = whole && room-- != 0;
        if (whole) cells.push_back({.text = element});
      });
      return whole;
    }
    default:
      break;
  }
  if (rows.first == nullptr) return false;
  gancho::Value value;
  if (rows.first->type == FieldType::container) {
    if (!event_->get(*rows.first, value)) {
      // Known to run on the machine itself: there is nothing of a container but words for that.
      if (says_host(*rows.first)) cells.push_back({.text = k_host});
      return is_container_known(*rows.first);
    }
    // The id is all that the machine itself has: host.
    const bool privileged = field.reading == is_privileged;
    if (privileged && event_->container().cgroup_id == 0) return true;
    if ((privileged ? read_privileged(cell) : read_container(*rows.first, value.bytes, cell)) !=
        Found::one)
      return false;
    cells.push_back(cell);
    return true;
  }
  if (rows.joined) {
    if (read_name(rows, cell) != Found::one) return false;
    cells.push_back(cell);
    return true;
  }
  if (!event_->get(*rows.first, value)) return false;
  if (value.type == FieldType::lineage) {
    std::string_view rest = value.bytes;
    for (; rest.size() >= sizeof(ev_ancestor); rest.remove_prefix(sizeof(ev_ancestor))) {
      const char* const comm = rest.data() + offsetof(ev_ancestor, comm);
      cells.push_back({.text = {comm, ::strnlen(comm, EV_COMM_LEN)}});
    }
    return true;
  }
  if (value.type == FieldType::args) {
    std::size_t room = k_values_max;
    bool whole = true;
    for_each_element(as_shown(value.bytes), [&](std::string_view element) {
      whole = whole && room-- != 0;
      if (whole) cells.push_back({.text = element});
    });
    return whole;
  }
  if (read_own(rows, field.kind, cell) != Found::one) return false;
  cells.push_back(cell);
  return true;
}

}  // namespace gancho::rules
