// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "cli/columns.h"
#include "rules/field_facts.h"

namespace gancho {
namespace {

using rules::FieldFacts;

std::vector<FieldFacts> facts_of(const EventDesc* event) {
  return event == nullptr ? rules::field_facts() : rules::field_facts(*event);
}

std::string where(const FieldFacts& field) {
  if (field.every_event) return "all events";
  std::string text;
  if (field.events.size() == 1) text = field.events.front();
  if (field.events.size() > 1) text = fmt::format("{} events", field.events.size());
  if (field.from_table) text += text.empty() ? "process table" : ", table";
  return text;
}

using Row = std::array<std::string, 7>;

Row row_of(const FieldFacts& field) {
  return {std::string(field.name).append(rules::brackets(field)),
          std::string(rules::kind_word(field.kind)) + (field.several ? "..." : ""),
          field.falco ? "Falco" : "ours",
          std::string(field.phase ? rules::phase_word(*field.phase) : "-"),
          std::string(field.cost ? rules::cost_word(*field.cost) : "-"),
          where(field),
          std::string(field.meaning)};
}

boost::json::array array_of(const std::vector<std::string_view>& words) {
  boost::json::array made;
  for (const std::string_view word : words) made.emplace_back(boost::json::string_view(word));
  return made;
}

}  // namespace

std::string policy_fields_table(const EventDesc* event) {
  std::vector<Row> rows{{"FIELD", "TYPE", "WHOSE", "KNOWN", "COST", "FROM", "MEANING"}};
  for (const FieldFacts& field : facts_of(event)) rows.push_back(row_of(field));
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) out += pad_right(row[i], widths[i]) + "  ";
    out += row.back() + "\n";
  }
  if (event != nullptr) return out;
  const auto missing =
      std::ranges::count(rules::fields(), rules::FieldOrigin::none, &rules::FieldName::origin);
  return out + fmt::format(
                   "\nFalco has {} more that nobody supplies; -o json and `gancho docs fields` "
                   "say why.\n",
                   missing);
}

std::string policy_fields_json(const EventDesc* event) {
  std::string out;
  for (const FieldFacts& field : facts_of(event)) {
    boost::json::object line{{"field", field.name},
                             {"type", rules::kind_word(field.kind)},
                             {"several", field.several},
                             {"indexed", field.indexed},
                             {"keyed", field.keyed},
                             {"falco", field.falco},
                             {"process_table", field.from_table}};
    if (field.phase) line["known"] = rules::phase_word(*field.phase);
    if (field.cost) line["cost"] = rules::cost_word(*field.cost);
    line["events"] = array_of(field.events);
    line["meaning"] = field.meaning;
    out += boost::json::serialize(line) + "\n";
  }
  if (event != nullptr) return out;
  for (const rules::FieldName& field : rules::fields()) {
    if (field.origin != rules::FieldOrigin::none) continue;
    const boost::json::object line{
        {"field", field.name}, {"falco", true}, {"missing", field.missing}};
    out += boost::json::serialize(line) + "\n";
  }
  return out;
}

}  // namespace gancho
