// SPDX-License-Identifier: Apache-2.0
#include "rules/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/nearest.h"
#include "base/quote.h"
#include "event/room.h"
#include "rules/field_table.h"
#include "rules/number.h"

namespace gancho::rules {
namespace {

using enum Reading;

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

// Rules compare them with names, and with numbers.
constexpr std::string_view k_user_arguments = "evt.arg.uid evt.arg.ruid evt.arg.euid evt.arg.suid";
constexpr std::string_view k_group_arguments = "evt.arg.gid evt.arg.rgid evt.arg.egid evt.arg.sgid";

template <std::size_t Count>
bool among(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

template <class Visit>
void for_each_event(const Visit& visit) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) visit(event);
}

using RowsByName = boost::unordered_flat_map<std::string_view, FieldRows>;

// The schema does not change while the program runs, and rules ask for many fields.
const std::vector<RowsByName>& rows_by_event() {
  static const std::vector<RowsByName> made = [] {
    std::vector<RowsByName> events(event_type_count());
    for_each_event([&](const EventDesc& event) {
      for (const auto fields : {common_fields(), event.fields})
        for (const FieldDesc& field : fields) {
          RowsByName& rows = events[event.type];
          rows.try_emplace(field.name, FieldRows{.first = &field});
          if (!field.joined.empty())
            rows.try_emplace(field.joined, FieldRows{.first = &field, .joined = true});
        }
    });
    return events;
  }();
  return made;
}

FieldRows rows_of(const EventDesc& event, std::string_view name) {
  const RowsByName& rows = rows_by_event()[event.type];
  const auto found = rows.find(name);
  return found == rows.end() ? FieldRows{} : found->second;
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

// What Falco tells of a file that could not be opened.
constexpr auto k_of_failed_open = std::to_array<std::string_view>(
    {"fd.name", "fd.directory", "fd.filename", "fd.type", "fd.typechar", "fd.num"});

void add_failed_open(const EventDesc& event, std::string_view name, FieldRows& rows) {
  if (event.name != "open" || !among(k_of_failed_open, name)) return;
  rows.given = rows_of(event, "fd.nameraw").first;
  rows.error = rows_of(event, "evt.res").first;
}

std::string unknown_name(std::string_view name) {
  const FieldName* known = find_field(name);
  if (known != nullptr && !known->missing.empty())
    return fmt::format("{} cannot be supplied: {}", name, known->missing);
  const std::string hint = did_you_mean(name, supplied_names());
  return fmt::format("no event has a field called {}{}", in_quotes(name),
                     hint.empty() ? "; gancho policy fields lists them" : hint);
}

// Rows of what the schema has by that name, or
// as another's.
bool find_own(std::string_view name, Field& field) {
  bool found = false;
  for_each_event([&](const EventDesc& event) {
    FieldRows rows = rows_of(event, name);
    for (const OtherName& other : other_names()) {
      if (rows.first != nullptr || other.name != name) continue;
      if (!other.events.empty() && !is_one_of(other.events, event.name)) continue;
      rows = rows_of(event, other.field);
      rows.calls = other.calls;
    }
    if (rows.first == nullptr) return;
    add_failed_open(event, name, rows);
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

// With "evt.arg.flags" as `first` of open only, say.
void find_derived(const Derived& row, Field& field) {
  for_each_event([&](const EventDesc& event) {
    const bool named = row.events.empty() || is_one_of(row.events, event.name);
    FieldRows rows;
    if (row.reading == of_event) {
      rows.zero = named;
      field.rows[event.type] = rows;
      return;
    }
    if (!named) return;
    if (!row.first.empty()) rows = rows_of(event, row.first);
    if (!row.second.empty()) {
      if (row.reading == own && rows.first == nullptr)
        rows = rows_of(event, row.second);
      else
        rows.second = rows_of(event, row.second).first;
    }
    add_failed_open(event, row.name, rows);
    if (row.reading == result && rows.first == nullptr) {
      rows.zero = among(k_return_zero, event.name);
      if (among(k_return_descriptor, event.name)) rows.first = rows_of(event, "fd.num").first;
    } else if (row.reading == result) {
      rows.second = nullptr;
    }
    // The records that tell of a program have a terminal exactly when there is one.
    if (row.reading == terminal) rows.zero = event.name == "exec" || event.name == "existing";
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
  if (reading == Reading::constant || reading == event_names || reading == of_event ||
      reading == every_own || of_process)
    return true;
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
  WrittenField field_as_written = written_field(name, argument ? &*argument : nullptr);
  const std::string& written = field_as_written.name;
  const bool brackets = field_as_written.has_argument;
  Field field;
  field.name = brackets ? fmt::format("{}[{}]", written, *argument) : written;
  field.rows.resize(event_type_count());
  const auto row = std::ranges::find(derived_fields(), std::string_view(written), &Derived::name);
  if (row == derived_fields().end()) {
    if (!find_own(written, field)) return std::unexpected(unknown_name(written));
    if (brackets) return std::unexpected(fmt::format("{} takes nothing in brackets", written));
    const bool of_user = is_one_of(k_user_arguments, written);
    if (of_user || is_one_of(k_group_arguments, written)) {
      field.reading = of_user ? user_words : group_words;
      field.kind = ValueKind::text;
      field.several = true;
    }
    return field;
  }
  field.reading = row->reading;
  field.kind = row->kind;
  field.several = row->several;
  field.of_process = row->of_process;
  field.fact = row->fact;
  if (row->name == "evt.dir") field.constant = "<";
  if (row->name == "evt.source") field.constant = "syscall";
  if (row->name == "evt.verdict") field.constant = "allow";
  if (row->name == "proc.pname") field.index = 1;
  if (brackets) {
    if (row->argument == FieldArgument::none)
      return std::unexpected(fmt::format("{} takes nothing in brackets", written));
    const auto index = parse_number(*argument);
    const bool is_index = row->argument != FieldArgument::optional_key && index &&
                          index->positive && index->bits <= 9999;
    if (is_index) {
      field.index = static_cast<std::uint32_t>(index->bits);
    } else if (row->argument != FieldArgument::optional_index) {
      field.key = *argument;
    } else {
      return std::unexpected(
          fmt::format("{} takes a number in brackets, not {}", written, in_quotes(*argument)));
    }
    field.reading = is_index ? row->indexed : row->keyed;
    field.several = true;
  }
  find_derived(*row, field);
  return field;
}

}  // namespace gancho::rules
