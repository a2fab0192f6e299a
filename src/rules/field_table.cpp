// SPDX-License-Identifier: Apache-2.0
#include "rules/field_table.h"

#include <algorithm>
#include <array>
#include <map>

#include "event/projection.h"
#include "event/room.h"
#include "rules/words.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_argument = "evt.arg";
constexpr std::string_view k_raw_argument = "evt.rawarg";

// What the schema says of a field: that of the first event that has it.
std::map<std::string_view, std::string_view> meanings() {
  std::map<std::string_view, std::string_view> found;
  const auto take = [&](std::span<const FieldDesc> fields) {
    for (const FieldDesc& field : fields) {
      found.try_emplace(field.name, field.meaning);
      if (!field.joined.empty()) found.try_emplace(field.joined, "the name that belongs to the id");
    }
  };
  take(common_fields());
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) take(event.fields);
  return found;
}

// "of rename, link: fs.path.sourceraw"
std::string of_events(const OtherName& other) {
  if (other.events.empty()) return std::string("the same as ").append(other.field);
  std::string text = "of ";
  for_each_word(other.calls.empty() ? other.events : other.calls, [&](std::string_view word) {
    if (text.size() > 3) text += ", ";
    text += word;
  });
  return text.append(": ").append(other.field);
}

std::vector<FieldName> make_table() {
  std::map<std::string_view, FieldName> table;
  for (const auto& [name, meaning] : meanings())
    table[name] = {.name = name, .origin = FieldOrigin::schema, .meaning = std::string(meaning)};
  for (const OtherName& other : other_names()) {
    FieldName& field = table[other.name];
    const bool first = field.name.empty();
    if (first) field = {.name = other.name, .origin = FieldOrigin::derived};
    if (!first) field.meaning += "; ";
    field.meaning += of_events(other);
  }
  for (const Derived& row : derived_fields()) {
    FieldName& field = table[row.name];
    const bool own = field.origin == FieldOrigin::schema;
    field = {.name = row.name,
             .argument = row.argument,
             .origin = own ? FieldOrigin::schema : FieldOrigin::derived,
             .meaning = std::string(row.meaning)};
  }
  for (const std::string_view name : {k_argument, k_raw_argument})
    table[name] = {.name = name,
                   .argument = FieldArgument::key,
                   .origin = FieldOrigin::derived,
                   .meaning = "evt.arg[NAME] is evt.arg.NAME"};
  for (const auto& group : detail::missing_fields())
    for_each_word(group.names, [&](std::string_view name) {
      FieldName& field = table[name];
      if (!field.name.empty()) return;  // supplied: field_table_test.cpp sees that there is none
      field = {.name = name, .argument = group.argument, .missing = group.reason};
    });
  std::vector<FieldName> rows;
  for (auto& [name, field] : table) rows.push_back(field);
  return rows;
}

const FieldName* find_exactly(std::string_view name) {
  const auto table = fields();
  const auto found = std::ranges::lower_bound(table, name, {}, &FieldName::name);
  return found != table.end() && found->name == name ? &*found : nullptr;
}

bool is_below(std::string_view name, std::string_view above) {
  return name.size() > above.size() && name.starts_with(above) && name[above.size()] == '.';
}

}  // namespace

// The schema does not change while the program runs.
std::span<const FieldName> fields() {
  static const std::vector<FieldName> made = make_table();
  return made;
}

WrittenField written_field(std::string_view name, const std::string* argument) {
  for (const std::string_view class_name : {k_argument, k_raw_argument}) {
    if (name == class_name && argument != nullptr) {
      const bool place = !argument->empty() && std::ranges::all_of(*argument, [](char c) {
        return c >= '0' && c <= '9';
      });
      if (!place) return {.name = std::string(k_argument) + "." + *argument};
      std::string by_place = std::string(k_argument) + "[" + *argument + "]";
      return {.name = find_exactly(by_place) != nullptr ? std::move(by_place) : "evt.arg[N]"};
    }
    if (is_below(name, class_name))
      return {.name = std::string(k_argument) + std::string(name.substr(class_name.size())),
              .has_argument = argument != nullptr};
  }
  return {.name = std::string(name), .has_argument = argument != nullptr};
}

const FieldName* find_field(std::string_view name) {
  const std::string written = written_field(name, nullptr).name;
  if (const FieldName* field = find_exactly(written)) return field;
  if (is_below(written, k_argument)) return nullptr;
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot != 0;
       dot = name.rfind('.', dot - 1)) {
    const FieldName* field = find_exactly(name.substr(0, dot));
    if (field != nullptr && field->argument == FieldArgument::key) return field;
  }
  return nullptr;
}

bool is_supplied(std::string_view name, const std::optional<std::string>& argument) {
  const FieldName* field = find_field(written_field(name, argument ? &*argument : nullptr).name);
  return field != nullptr && field->origin != FieldOrigin::none;
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const FieldName& field : fields()) names.push_back(field.name);
  return names;
}

std::vector<std::string_view> supplied_names() {
  std::vector<std::string_view> names;
  for (const FieldName& field : fields())
    if (field.origin != FieldOrigin::none) names.push_back(field.name);
  return names;
}

bool is_field_class(std::string_view name) {
  return std::ranges::any_of(fields(),
                             [name](const FieldName& field) { return is_below(field.name, name); });
}

bool is_one_of(std::string_view words, std::string_view word) {
  bool found = false;
  for_each_word(words, [&](std::string_view one) { found = found || one == word; });
  return found;
}

}  // namespace gancho::rules
