// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "rules/field_facts.h"
#include "rules/operators.h"
#include "rules/words.h"

namespace gancho::rules {
namespace {

constexpr std::size_t k_most_events = 4;

std::string where(const FieldFacts& field) {
  std::string text = field.every_event      ? "all"
                     : field.events.empty() ? ""
                     : field.events.size() > k_most_events
                         ? fmt::format("{} events", field.events.size())
                         : fmt::format("{}", fmt::join(field.events, ", "));
  if (field.from_table && !field.every_event) text += text.empty() ? "table" : "; table";
  return text;
}

void put_field(std::string& page, const FieldFacts& field) {
  fmt::format_to(std::back_inserter(page), "| `{}{}` | {}{} | {} | {} | {} | {} | {} |\n",
                 field.name, brackets(field), kind_word(field.kind),
                 field.several ? ", several" : "", field.falco ? "Falco" : "ours",
                 field.phase ? phase_word(*field.phase) : "",
                 field.cost ? cost_word(*field.cost) : "", where(field), field.meaning);
}

std::string_view class_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

void put_operators(std::string& page) {
  page +=
      "## Operators\n\n"
      "| operator | of | behind it | holds when |\n|---|---|---|---|\n";
  for (const OperatorDesc& row : operators()) {
    const std::string_view behind = row.takes == Takes::nothing  ? "nothing"
                                    : row.takes == Takes::number ? "a number"
                                    : row.takes == Takes::list   ? "a list"
                                    : row.modifiable
                                        ? "a value; or `oneof`, `anyof`, `allof` and a list"
                                        : "a value";
    fmt::format_to(std::back_inserter(page), "| `{}` | {} | {} | {} |\n", row.word, row.of, behind,
                   row.meaning);
  }
  page +=
      "\n`==` is `=`. `oneof`, `anyof` and `allof` say how many of the list must fit: exactly one, "
      "at "
      "least one, all. Behind `=` `!=` `<` `<=` `>` `>=` `in`\n"
      "`intersects` `contains` `startswith` `endswith` another field may stand, as in "
      "`proc.name = val(proc.pname)`.\n\n"
      "## Transformers\n\n"
      "| transformer | makes of a field |\n|---|---|\n";
  for (const TransformerDesc& row : transformers())
    fmt::format_to(std::back_inserter(page), "| `{}` | {} |\n", row.form, row.meaning);
}

}  // namespace

std::string fields_page() {
  std::string page =
      "# Fields and operators\n"
      "\n"
      "<!-- Made from the table of fields: gancho docs fields > docs/fields.md -->\n"
      "\n"
      "What a condition may name; what conditions mean is said in [conditions.md](conditions.md). "
      "`gancho policy fields EVENT` shows what\n"
      "there is of one event.\n"
      "\n"
      "*Type*: a field with *several* values meets a comparison when any of them does. *Whose*: "
      "Falco's name, or ours. *Known* and *cost*\n"
      "are said in [events.md](events.md); of several events, the latest and the dearest. "
      "*Events*: those whose records have it; *table*: of the\n"
      "others it is taken from the process table, which is kept when a condition asks for it, "
      "and is then what was so when the process executed its\n"
      "program. `evt.arg[NAME]`, `evt.rawarg.NAME` and `evt.rawarg[NAME]` are `evt.arg.NAME`.\n";
  std::string_view last;
  for (const FieldFacts& field : field_facts()) {
    if (class_of(field.name) != last) {
      last = class_of(field.name);
      fmt::format_to(std::back_inserter(page),
                     "\n## {}\n\n| field | type | whose | known | cost | events | meaning |\n"
                     "|---|---|---|---|---|---|---|\n",
                     last);
    }
    put_field(page, field);
  }
  page +=
      "\n## Fields of Falco's that nobody supplies\n\n"
      "A rule that compares one is read and does not run; in an output it is shown as `<NA>`.\n\n"
      "| field | why |\n|---|---|\n";
  for (const auto& group : detail::missing_fields()) {
    std::string names;
    for_each_word(group.names, [&](std::string_view name) {
      fmt::format_to(std::back_inserter(names), "{}`{}`", names.empty() ? "" : " ", name);
    });
    fmt::format_to(std::back_inserter(page), "| {} | {} |\n", names, group.reason);
  }
  page += '\n';
  put_operators(page);
  return page;
}

}  // namespace gancho::rules
