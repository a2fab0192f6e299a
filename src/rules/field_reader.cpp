// SPDX-License-Identifier: Apache-2.0
#include "rules/field_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "event/address.h"
#include "event/flags.h"
#include "event/names.h"
#include "event/socket_names.h"
#include "event/values.h"
#include "rules/cells.h"
#include "rules/field_table.h"
#include "rules/mode_names.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_host = "host";

constexpr std::size_t k_form_max = std::max({k_flags_max, k_names_max, k_capability_names_max,
                                             k_connection_max, std::size_t{k_decimal_max}});

template <class Wire>
Wire wire_of(const gancho::Value& value) {
  return load_wire<Wire>(reinterpret_cast<const std::byte*>(value.bytes.data()));
}

// An absolute path without what is in it for nothing: "//", ".", and ".." with what it takes back.
char* write_plain_path(char* const begin, std::string_view path) {
  char* out = begin;
  while (!path.empty()) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      *out++ = '/';
      out += part.copy(out, part.size());
      continue;
    }
    while (out != begin)
      if (*--out == '/') break;
  }
  if (out == begin) *out++ = '/';
  return out;
}

}  // namespace

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

Found FieldReader::join_elements(std::string_view before, std::string_view list, Cell& cell) {
  char* const begin = arena_->reserve(before.size() + list.size() + 2);
  if (begin == nullptr) return Found::unknown;
  char* out = begin + before.copy(begin, before.size());
  bool first = before.empty();
  for_each_element(list, [&](std::string_view element) {
    if (!first) *out++ = ' ';
    first = false;
    out += element.copy(out, element.size());
  });
  arena_->keep(out);
  return text({begin, static_cast<std::size_t>(out - begin)}, cell);
}

Found FieldReader::render(const gancho::Value& value, Cell& cell) {
  const bool downward = value.type == FieldType::upward_path;
  const bool abstract = value.number != 0 && is_abstract(value.bytes);
  char* const begin = arena_->reserve(downward || abstract ? value.bytes.size() + 1 : k_form_max);
  if (begin == nullptr) return Found::unknown;
  char* end = begin;
  const auto low = static_cast<std::uint32_t>(value.number);
  using enum FieldType;
  switch (value.type) {
    case error:
      end = write_error_name(begin, value.signed_number());
      break;
    case device:
      end = write_device(begin, low);
      break;
    case capabilities:
      end = write_capability_names(begin, value.number);
      break;
    case file_type:
      end = write_file_type(begin, low);
      break;
    case open_flags:
    case resolve_flags:
    case at_flags:
    case rename_flags:
      end = write_flags(begin, value.type, low);
      break;
    case named:
      end = write_named(begin, value.names, value.number);
      break;
    case named_flags:
      end = write_named_flags(begin, value.names, value.number);
      break;
    case syscall:
      end = write_syscall(begin, value.number);
      break;
    case sock_type:
      end = write_socket_type(begin, low);
      break;
    case sock_proto:
      end = write_socket_protocol(begin, static_cast<std::uint32_t>(value.number >> 32), low);
      break;
    case mode:
      end = write_mode(begin, low);
      break;
    case endpoint:
    case connection:
      if (abstract) {
        *end++ = '@';
        end += value.bytes.substr(1).copy(end, value.bytes.size());
      } else if (value.type == endpoint) {
        end = write_endpoint(begin, wire_of<ev_address>(value));
      } else {
        end = write_connection(begin, wire_of<ev_socket>(value));
      }
      break;
    case ip_address:
      end = write_ip(begin, wire_of<ev_address>(value));
      break;
    case upward_path:
      end = write_downward(begin, value.bytes);
      break;
    case i32:
    case i64:
      end = write_decimal(begin, value.signed_number());
      break;
    case flag:
    case path_flag:
      end = begin + (value.number != 0 ? std::string_view("true") : "false").copy(begin, 5);
      break;
    default:
      end = write_decimal(begin, value.number);
      break;
  }
  arena_->keep(end);
  return text({begin, static_cast<std::size_t>(end - begin)}, cell);
}

Found FieldReader::read_name(const FieldRows& rows, Cell& cell) const {
  gancho::Value value;
  if (!event_->get(*rows.first, value)) return Found::unknown;
  const auto id = static_cast<std::uint32_t>(value.number);
  if (id == UINT32_MAX) return Found::unknown;
  const ev_container where = rows.first->of_machine ? ev_container{} : event_->container();
  const std::string_view name =
      rows.first->type == FieldType::uid ? facts_.user(id, where) : facts_.group(id, where);
  return name.empty() ? Found::unknown : text(name, cell);
}

bool FieldReader::is_container_known(const FieldDesc& desc) const {
  const auto* at = event_->record().data() + desc.offset;
  return (load_wire<ev_container>(at).flags & EV_CONTAINER_KNOWN) != 0;
}

// As Falco has it of what runs in no container.
bool FieldReader::says_host(const FieldDesc& desc) const {
  if (desc.type != FieldType::container) return false;
  const bool word = desc.fact == ContainerFact::full_id || desc.fact == ContainerFact::type ||
                    desc.fact == ContainerFact::name;
  return word && is_container_known(desc) && event_->container().cgroup_id == 0;
}

Found FieldReader::read_container(const FieldDesc& desc, std::string_view id, Cell& cell) const {
  const ev_container where = event_->container();
  const ContainerInfo* info = where.cgroup_id != 0 ? facts_.container(where.cgroup_id) : nullptr;
  if (desc.type == FieldType::container_flag)
    return number(info != nullptr && info->found ? 0 : 1, cell);
  const std::string_view found = container_text(desc.fact, where, id, info);
  return found.empty() ? Found::unknown : text(found, cell);
}

Found FieldReader::read_privileged(Cell& cell) const {
  const ContainerInfo* info = facts_.container(event_->container().cgroup_id);
  if (info == nullptr || info->privileged == Privileged::unknown) return Found::unknown;
  return number(info->privileged == Privileged::yes ? 1 : 0, cell);
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

Found FieldReader::read_letter(const FieldRows& rows, Cell& cell) {
  if (rows.first != nullptr && read_own({.first = rows.first}, ValueKind::text, cell) == Found::one)
    return Found::one;
  gancho::Value value;
  if (rows.second == nullptr || rows.second->type != FieldType::file_type ||
      !event_->get(*rows.second, value))
    return Found::unknown;
  switch (value.number & S_IFMT) {
    case S_IFDIR:
      return text("d", cell);
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
      return text("f", cell);
    default:
      return Found::unknown;
  }
}

bool FieldReader::read_file_words(const FieldRows& rows, std::vector<Cell>& cells) {
  gancho::Value value;
  Cell cell;
  if (rows.first == nullptr) return false;
  if (read_own(rows, ValueKind::text, cell) != Found::one) {
    if (!is_failed_open(rows)) return false;
    cells.push_back({.text = "file"});
    return true;
  }
  cells.push_back(cell);
  if (rows.first->type == FieldType::file_type && event_->get(*rows.first, value)) {
    const auto type = value.number & S_IFMT;
    if (type == S_IFREG || type == S_IFCHR || type == S_IFBLK) cells.push_back({.text = "file"});
  }
  return true;
}

bool FieldReader::read_id_words(const Field& field, std::vector<Cell>& cells) {
  const FieldRows& rows = field.rows[type_];
  gancho::Value value;
  if (rows.first == nullptr || (!rows.calls.empty() && !came_by(rows.calls))) return false;
  if (!event_->get(*rows.first, value)) return false;
  const auto id = static_cast<std::uint32_t>(value.number);
  Cell cell;
  if (id == UINT32_MAX) {
    cells.push_back({.text = "-1"});
    return true;
  }
  if (render({.type = FieldType::u32, .number = id}, cell) != Found::one) return false;
  cells.push_back(cell);
  const ev_container where = event_->container();
  const std::string_view name =
      field.reading == Reading::user_words ? facts_.user(id, where) : facts_.group(id, where);
  if (!name.empty()) cells.push_back({.text = name});
  return true;
}

Found FieldReader::read_flags(const FieldRows& rows, bool to_write, Cell& cell) const {
  gancho::Value value;
  if (!event_->get(*rows.first, value)) return Found::unknown;
  const auto access = value.number & O_ACCMODE;
  // Of O_PATH nothing is read or written.
  const bool neither = (value.number & O_PATH) != 0;
  const auto alone = static_cast<std::uint64_t>(to_write ? O_WRONLY : O_RDONLY);
  return number(!neither && (access == alone || access == O_RDWR) ? 1 : 0, cell);
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

Found FieldReader::read_path_part(const FieldRows& rows, bool directory, Cell& cell) {
  // Only what is a path has such parts.
  if (rows.joined || rows.first->type != FieldType::path) return Found::unknown;
  if (read_own(rows, ValueKind::text, cell) != Found::one) return Found::unknown;
  const std::size_t slash = cell.text.rfind('/');
  if (slash == std::string_view::npos) return directory ? Found::unknown : Found::one;
  if (directory) return text(cell.text.substr(0, slash == 0 ? 1 : slash), cell);
  return text(cell.text.substr(slash + 1), cell);
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

Found FieldReader::read_time(Reading reading, std::uint64_t boot_ns, Cell& cell) {
  const auto clock = facts_.clock();
  if (!clock) return Found::unknown;
  const std::int64_t ns = clock->unix_ns(boot_ns);
  switch (reading) {
    case Reading::wall_seconds:
      cell.number = Number::of_signed(ns / k_ns_per_second);
      return Found::one;
    case Reading::wall_rest:
      cell.number = Number::of_signed(ns % k_ns_per_second);
      return Found::one;
    case Reading::time_text:
    case Reading::date_time_text:
    case Reading::date_second_text:
    case Reading::wall_text: {
      char* const begin = arena_->reserve(k_rfc3339_length);
      if (begin == nullptr) return Found::unknown;
      char* const end = write_rfc3339(begin, ns);
      arena_->keep(end);
      const std::string_view whole(begin, static_cast<std::size_t>(end - begin));
      if (reading == Reading::wall_text) return text(whole, cell);
      // "2026-01-02T15:04:05.000000001Z"
      constexpr std::size_t k_date = 10;
      constexpr std::size_t k_second = 19;
      begin[k_date] = ' ';
      if (reading == Reading::date_time_text) return text(whole.substr(0, whole.size() - 1), cell);
      const std::string_view seconds = whole.substr(0, k_second);
      return text(reading == Reading::time_text ? seconds.substr(k_date + 1) : seconds, cell);
    }
    default:
      cell.number = Number::of_signed(ns);
      return Found::one;
  }
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

// "flags=O_RDONLY mode=0644", in the order of the schema.
Found FieldReader::read_every_own(Cell& cell) {
  constexpr std::string_view k_before = "evt.arg.";
  constexpr std::size_t k_most = 24;
  std::array<std::pair<std::string_view, std::string_view>, k_most> found;
  std::size_t count = 0;
  std::size_t size = 0;
  for (const FieldDesc& field : event_->desc().fields) {
    // How it was read is no argument.
    if (!field.name.starts_with(k_before) || field.name == "evt.arg.user_memory") continue;
    if (count == k_most) break;
    if (read_own({.first = &field}, ValueKind::text, cell) != Found::one) continue;
    found[count] = {field.name.substr(k_before.size()), cell.text};
    size += found[count].first.size() + found[count].second.size() + 2;
    ++count;
  }
  char* const begin = arena_->reserve(size);
  if (begin == nullptr) return Found::unknown;
  char* out = begin;
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) *out++ = ' ';
    out += found[i].first.copy(out, found[i].first.size());
    *out++ = '=';
    out += found[i].second.copy(out, found[i].second.size());
  }
  arena_->keep(out);
  return text({begin, static_cast<std::size_t>(out - begin)}, cell);
}

bool FieldReader::is_failed_open(const FieldRows& rows) const {
  gancho::Value error;
  return rows.given != nullptr && rows.error != nullptr && event_->get(*rows.error, error) &&
         error.number != 0;
}

Found FieldReader::read_failed_open(const Field& field, Cell& cell) {
  const FieldRows& rows = field.rows[type_];
  if (!is_failed_open(rows)) return Found::unknown;
  if (field.kind == ValueKind::number) {  // fd.num
    cell.number = Number::of_signed(-1);
    return Found::one;
  }
  if (field.reading == Reading::file_letter) return text("f", cell);
  gancho::Value given;
  if (!event_->get(*rows.given, given) || !given.bytes.starts_with('/')) return Found::unknown;
  char* const begin = arena_->reserve(given.bytes.size() + 1);
  if (begin == nullptr) return Found::unknown;
  char* const end = write_plain_path(begin, given.bytes);
  arena_->keep(end);
  const std::string_view path(begin, static_cast<std::size_t>(end - begin));
  const std::size_t slash = path.rfind('/');
  if (field.reading == Reading::directory)
    return text(path.substr(0, slash == 0 ? 1 : slash), cell);
  return text(field.reading == Reading::filename ? path.substr(slash + 1) : path, cell);
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
    case Reading::environment:
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
