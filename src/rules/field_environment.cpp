// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part that reads environments: of the program, and of those that led to it.
#include "rules/cells.h"
#include "rules/field_reader.h"

namespace gancho::rules {
namespace {

// As getenv(3) finds it: the first of that name. nullopt: none of them has it.
std::optional<std::string_view> find_variable(std::string_view list, std::string_view name) {
  std::optional<std::string_view> value;
  for_each_element(list, [&](std::string_view element) {
    if (value || !element.starts_with(name)) return;
    element.remove_prefix(name.size());
    if (element.starts_with('=')) value = element.substr(1);
  });
  return value;
}

std::optional<Environment> environment_of(const Program* program) {
  if (program == nullptr || !program->env) return std::nullopt;
  return Environment{.list = *program->env, .truncated = program->env_truncated};
}

}  // namespace

std::optional<Environment> FieldReader::find_environment(const FieldRows& rows) const {
  if (rows.first == nullptr) return environment_of(program());
  gancho::Value value;
  gancho::Value truncated;
  if (!event_->get(*rows.first, value)) return std::nullopt;
  const bool is_told = rows.second != nullptr && event_->get(*rows.second, truncated);
  return Environment{.list = value.bytes, .truncated = is_told && truncated.number != 0};
}

Found FieldReader::read_environment(const FieldRows& rows, Cell& cell) {
  const auto found = find_environment(rows);
  return found ? join_elements("", as_shown(*found), cell) : Found::unknown;
}

// One that is not there may be in what was cut off.
bool FieldReader::read_variable(const Field& field, std::vector<Cell>& cells) {
  const auto found = find_environment(field.rows[type_]);
  if (!found) return false;
  const auto value = find_variable(as_shown(*found), field.key);
  if (value) cells.push_back({.text = *value});
  return value || !found->truncated;
}

// Of the nearest ancestor that has it.
bool FieldReader::read_ancestor_variable(const Field& field, std::vector<Cell>& cells) {
  const ev_header header = event_->header();
  std::string_view lineage;
  if (!bytes(field, &Program::lineage, lineage)) return false;
  bool known = lineage.size() < EV_LINEAGE_MAX * sizeof(ev_ancestor);
  for_each_process(lineage, {.pid = header.pid, .start_time = header.start_time},
                   [&](std::string_view, const ev_ancestor& entry) {
                     const auto facts = facts_.process(executor(entry));
                     const auto found = facts ? environment_of(facts->program) : std::nullopt;
                     const auto value =
                         found ? find_variable(as_shown(*found), field.key) : std::nullopt;
                     if (value) cells.push_back({.text = *value});
                     if (value || !found || found->truncated) known = value.has_value();
                     return !value && found && !found->truncated;
                   });
  return known;
}

Found FieldReader::join_environment(const Program& program, Cell& cell) {
  const auto found = environment_of(&program);
  return found ? join_elements("", as_shown(*found), cell) : Found::unknown;
}

}  // namespace gancho::rules
