// SPDX-License-Identifier: Apache-2.0
#include "rules/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/quote.h"
#include "event/projection.h"
#include "event/room.h"
#include "rules/field_names.h"
#include "rules/number.h"

namespace gancho::rules {
namespace {

using enum Reading;

enum class Brackets : std::uint8_t { none, index, maybe_index };

// What follows from fields of the schema. A name of the schema's stands here when Falco means
// something else by it, or more.
struct Derived {
  std::string_view name;
  Reading reading;
  ValueKind kind = ValueKind::text;
  bool several = false;
  std::string_view first = {};
  std::string_view second = {};
  std::string_view event = {};  // only of this one
  bool of_process = false;
  Brackets brackets = Brackets::none;
  Reading indexed = own;  // with brackets
};

constexpr auto k_number = ValueKind::number;
constexpr auto k_truth = ValueKind::truth;
constexpr auto k_address = ValueKind::address;

constexpr auto k_derived = std::to_array<Derived>({
    {.name = "evt.type", .reading = event_names, .several = true, .first = "evt.syscall"},
    {.name = "evt.dir", .reading = constant},
    {.name = "evt.failed", .reading = failed, .kind = k_truth, .first = "evt.res"},
    {.name = "evt.rawres",
     .reading = result,
     .kind = k_number,
     .first = "evt.rawres",
     .second = "evt.res"},
    {.name = "proc.duration",
     .reading = age,
     .kind = k_number,
     .first = "evt.boottime",
     .second = "proc.start_time"},
    {.name = "evt.is_open_read",
     .reading = opens_to_read,
     .kind = k_truth,
     .first = "evt.arg.flags",
     .event = "open"},
    {.name = "evt.is_open_write",
     .reading = opens_to_write,
     .kind = k_truth,
     .first = "evt.arg.flags",
     .event = "open"},
    {.name = "evt.arg.oldpath", .reading = own, .first = "fs.path.sourceraw"},
    {.name = "evt.arg.newpath", .reading = own, .first = "fs.path.targetraw"},
    {.name = "evt.arg.target", .reading = own, .first = "fs.path.source", .event = "symlink"},
    {.name = "evt.arg.linkpath", .reading = own, .first = "fs.path.targetraw", .event = "symlink"},
    {.name = "fd.type", .reading = file_words, .several = true, .first = "fd.type"},
    {.name = "fd.typechar", .reading = file_letter, .first = "fd.typechar", .second = "fd.type"},
    {.name = "fd.directory", .reading = directory, .first = "fd.name"},
    {.name = "fd.filename", .reading = filename, .first = "fd.name"},
    {.name = "fd.ip",
     .reading = both_ends,
     .kind = k_address,
     .several = true,
     .first = "fd.lip",
     .second = "fd.rip"},
    {.name = "fd.net",
     .reading = both_ends,
     .kind = k_address,
     .several = true,
     .first = "fd.lip",
     .second = "fd.rip"},
    {.name = "fd.port",
     .reading = both_ends,
     .kind = k_number,
     .several = true,
     .first = "fd.lport",
     .second = "fd.rport"},
    {.name = "fd.cnet", .reading = own, .kind = k_address, .first = "fd.cip"},
    {.name = "fd.snet", .reading = own, .kind = k_address, .first = "fd.sip"},
    {.name = "fd.lnet", .reading = own, .kind = k_address, .first = "fd.lip"},
    {.name = "fd.rnet", .reading = own, .kind = k_address, .first = "fd.rip"},
    {.name = "proc.args",
     .reading = arguments,
     .first = "proc.args",
     .of_process = true,
     .brackets = Brackets::maybe_index,
     .indexed = argument},
    {.name = "proc.exe", .reading = program_name, .first = "proc.args", .of_process = true},
    {.name = "proc.exeline", .reading = every_argument, .first = "proc.args", .of_process = true},
    {.name = "proc.cmdline", .reading = command_line, .first = "proc.args", .of_process = true},
    {.name = "proc.cmdnargs",
     .reading = argument_count,
     .kind = k_number,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.cmdlenargs",
     .reading = argument_bytes,
     .kind = k_number,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.exepath", .reading = program_path, .first = "proc.exepath", .of_process = true},
    {.name = "proc.pname",
     .reading = ancestor_name,
     .several = true,
     .first = "proc.lineage",
     .of_process = true},
    {.name = "proc.aname",
     .reading = ancestor_names,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .brackets = Brackets::maybe_index,
     .indexed = ancestor_name},
    {.name = "proc.apid",
     .reading = ancestor_pids,
     .kind = k_number,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .brackets = Brackets::maybe_index,
     .indexed = ancestor_pid},
    {.name = "proc.pexe", .reading = parent_program, .of_process = true},
    {.name = "proc.pexepath", .reading = parent_path, .of_process = true},
    {.name = "proc.pcmdline", .reading = parent_command_line, .of_process = true},
});

struct Alias {
  std::string_view event;
  std::string_view name;
};

// Of events whose records do not say which call it was; the others have it in evt.syscall.
constexpr auto k_aliases = std::to_array<Alias>({
    {"exec", "execve"},
    {"exec", "execveat"},
    {"exit", "procexit"},
});

// What calls return that have not failed, where the record has no evt.rawres: nothing but 0, or the
// descriptor that the record has.
constexpr auto k_return_zero = std::to_array<std::string_view>(
    {"exec",    "unlink", "rmdir",   "rename",      "link",  "symlink",      "mkdir",
     "mknod",   "chmod",  "chown",   "truncate",    "mount", "umount",       "setxattr",
     "chdir",   "chroot", "listen",  "removexattr", "bind",  "connect",      "socketpair",
     "setpgid", "setns",  "unshare", "module_load", "kill",  "module_delete"});
constexpr auto k_return_descriptor =
    std::to_array<std::string_view>({"open", "socket", "accept", "memfd_create", "dup"});

template <std::size_t Count>
bool among(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

template <class Visit>
void for_each_event(const Visit& visit) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) visit(event);
}

FieldRows rows_of(const EventDesc& event, std::string_view name) {
  FieldRows rows;
  for (const auto fields : {common_fields(), event.fields})
    for (const FieldDesc& field : fields) {
      if (rows.first != nullptr || (field.name != name && field.joined != name)) continue;
      rows = {.first = &field, .second = nullptr, .joined = field.name != name};
    }
  return rows;
}

ValueKind kind_of(const FieldRows& rows) {
  if (rows.joined) return ValueKind::text;
  switch (rows.first->type) {
    case FieldType::u32:
    case FieldType::u64:
    case FieldType::i32:
    case FieldType::i64:
    case FieldType::boot_time:
    case FieldType::duration:
    case FieldType::uid:
    case FieldType::gid:
    case FieldType::mode:
    case FieldType::port:
    case FieldType::wall_time:
      return ValueKind::number;
    case FieldType::flag:
    case FieldType::path_flag:
    case FieldType::container_flag:
      return ValueKind::truth;
    case FieldType::ip_address:
      return ValueKind::address;
    default:
      return ValueKind::text;
  }
}

bool has_several(const FieldRows& rows) {
  using enum FieldType;
  const FieldType type = rows.first->type;
  // What is of a container is known not to be there on the machine itself.
  return !rows.joined && (type == args || type == lineage || type == container);
}

std::vector<std::string_view> all_names() {
  const auto known = gancho::field_names();
  std::vector<std::string_view> names(known.begin(), known.end());
  for (const Derived& row : k_derived) names.push_back(row.name);
  return names;
}

std::string unknown_name(std::string_view name) {
  const FieldName* known = find_field(name);
  if (known != nullptr && !known->missing.empty())
    return fmt::format("{} cannot be supplied: {}", name, known->missing);
  if (known != nullptr) return fmt::format("no event supplies {} yet", name);
  const std::string hint = did_you_mean(name, all_names());
  return fmt::format("no event has a field called {}{}", in_quotes(name),
                     hint.empty() ? "; gancho docs events lists them" : hint);
}

// Rows of what the schema has by that name.
bool find_own(std::string_view name, Field& field) {
  bool found = false;
  for_each_event([&](const EventDesc& event) {
    const FieldRows rows = rows_of(event, name);
    if (rows.first == nullptr) return;
    const ValueKind kind = kind_of(rows);
    // Of a name that is a number in one event and a text in another, all are texts.
    if (found && field.kind != kind) field.kind = ValueKind::text;
    if (!found) field.kind = kind;
    found = true;
    field.several = field.several || has_several(rows);
    field.rows[event.type] = rows;
  });
  return found;
}

void find_derived(const Derived& row, Field& field) {
  for_each_event([&](const EventDesc& event) {
    if (!row.event.empty() && event.name != row.event) return;
    FieldRows rows;
    if (!row.first.empty()) rows = rows_of(event, row.first);
    if (!row.second.empty()) rows.second = rows_of(event, row.second).first;
    if (row.reading == result && rows.first == nullptr) {
      rows.zero = among(k_return_zero, event.name);
      if (among(k_return_descriptor, event.name)) rows.first = rows_of(event, "fd.num").first;
    } else if (row.reading == result) {
      rows.second = nullptr;
    }
    field.rows[event.type] = rows;
  });
}

}  // namespace

std::string_view kind_text(ValueKind kind) {
  switch (kind) {
    case ValueKind::number:
      return "a number";
    case ValueKind::truth:
      return "true or false";
    case ValueKind::text:
      return "a text";
    case ValueKind::address:
      return "an IP address";
  }
  return "";
}

std::size_t event_type_count() {
  static const std::size_t count = [] {
    std::size_t most = 0;
    for_each_event(
        [&](const EventDesc& event) { most = std::max(most, std::size_t{event.type} + 1); });
    return most;
  }();
  return count;
}

std::span<const std::string_view> event_aliases(std::uint16_t type) {
  static const std::vector<std::vector<std::string_view>> by_type = [] {
    std::vector<std::vector<std::string_view>> made(event_type_count());
    for_each_event([&](const EventDesc& event) {
      made[event.type].push_back(event.name);
      for (const Alias& alias : k_aliases)
        if (alias.event == event.name) made[event.type].push_back(alias.name);
    });
    return made;
  }();
  return type < by_type.size() ? by_type[type] : std::span<const std::string_view>{};
}

bool Field::supplied_by(std::uint16_t type) const {
  if (reading == Reading::constant || reading == event_names || of_process) return true;
  return type < rows.size() && (rows[type].first != nullptr || rows[type].second != nullptr);
}

std::optional<FieldType> Field::only_type() const {
  std::optional<FieldType> type;
  for (const FieldRows& row : rows) {
    if (row.first == nullptr) continue;
    if (row.joined || (type && *type != row.first->type)) return std::nullopt;
    type = row.first->type;
  }
  return type;
}

std::expected<Field, std::string> find_field_rows(std::string_view name,
                                                  const std::optional<std::string>& argument) {
  // evt.arg[flags] is evt.arg.flags, and so is what Falco calls raw.
  std::string written(name);
  std::optional<std::string> brackets = argument;
  for (const std::string_view prefix : {"evt.arg", "evt.rawarg"}) {
    if (name == prefix && brackets) {
      written = fmt::format("evt.arg.{}", *brackets);
      brackets.reset();
    } else if (name.starts_with(prefix) && name.substr(prefix.size()).starts_with('.')) {
      written = fmt::format("evt.arg{}", name.substr(prefix.size()));
    }
  }
  Field field;
  field.name = brackets ? fmt::format("{}[{}]", written, *brackets) : written;
  field.rows.resize(event_type_count());
  const auto* row = std::ranges::find(k_derived, std::string_view(written), &Derived::name);
  if (row == k_derived.end()) {
    if (!find_own(written, field)) return std::unexpected(unknown_name(written));
    if (brackets) return std::unexpected(fmt::format("{} takes nothing in brackets", written));
    const auto type = field.only_type();
    if (type == FieldType::wall_time)
      return std::unexpected(fmt::format("{} cannot be compared; evt.boottime can", written));
    return field;
  }
  field.reading = row->reading;
  field.kind = row->kind;
  field.several = row->several;
  field.of_process = row->of_process;
  if (row->reading == Reading::constant) field.constant = "<";
  if (row->name == "proc.pname") field.index = 1;
  if (brackets) {
    if (row->brackets == Brackets::none)
      return std::unexpected(fmt::format("{} takes nothing in brackets", written));
    const auto index = parse_number(*brackets);
    if (!index || !index->positive || index->bits > 9999)
      return std::unexpected(
          fmt::format("{} takes a number in brackets, not {}", written, in_quotes(*brackets)));
    field.index = static_cast<std::uint32_t>(index->bits);
    field.reading = row->indexed;
    field.several = true;
  }
  find_derived(*row, field);
  return field;
}

}  // namespace gancho::rules
