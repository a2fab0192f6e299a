// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace gancho {
namespace {

// The part before the next `separator`, which is taken off `rest` too.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return part;
}

// "name:password:id:...", the beginning of a line in either file.
std::optional<IdName> parse_line(std::string_view line) {
  const std::string_view name = take_until(line, ':');
  if (name.empty() || name.front() == '#' || name.front() == '+' || name.front() == '-')
    return std::nullopt;  // + and - are NIS entries
  (void)take_until(line, ':');
  const std::string_view number = take_until(line, ':');
  IdName entry{.id = 0, .name = std::string(name)};
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), entry.id);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return entry;
}

// Sorts by id; of entries with the same id the first stays.
void index(std::vector<IdName>& names) {
  std::map<std::uint32_t, std::string> by_id;
  for (IdName& entry : names) by_id.try_emplace(entry.id, std::move(entry.name));
  names.clear();
  for (auto& [id, name] : by_id) names.push_back({id, std::move(name)});
}

std::vector<IdName> parse_names(std::string_view text) {
  std::vector<IdName> names;
  while (!text.empty())
    if (std::optional<IdName> entry = parse_line(take_until(text, '\n')))
      names.push_back(std::move(*entry));
  index(names);
  return names;
}

}  // namespace

UserTable UserTable::parse(std::string_view passwd, std::string_view group) {
  UserTable table;
  table.users_ = parse_names(passwd);
  table.groups_ = parse_names(group);
  return table;
}

UserTable UserTable::from_names(std::vector<IdName> users, std::vector<IdName> groups) {
  UserTable table;
  table.users_ = std::move(users);
  table.groups_ = std::move(groups);
  index(table.users_);
  index(table.groups_);
  return table;
}

}  // namespace gancho
