// SPDX-License-Identifier: Apache-2.0
#include "rules/odd_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quote.h"
#include "rules/event_words.h"
#include "rules/field.h"
#include "rules/field_table.h"
#include "rules/print.h"
#include "rules/value_names.h"

namespace gancho::rules {
namespace {

// So few are told when none of them is near.
constexpr std::size_t k_few = 12;

// As Falco shows what is not there.
constexpr std::string_view k_absent = "<NA>";

}  // namespace

void OddValues::check(const Condition& condition, Hints& hints, Problems& problems) {
  for (const Comparison& comparison : condition.comparisons) {
    if (!is_by_value(condition, comparison) || names_events(condition, comparison)) continue;
    const std::string field = print_operand(condition, comparison.left);
    const std::vector<std::string_view>& known = names(condition.operands[comparison.left], field);
    if (known.empty()) continue;
    for (const Value& value : condition.values_of(comparison)) {
      const std::string_view odd = value.text == k_absent ? "" : no_name_in(value.text, known);
      if (odd.empty()) continue;
      const std::string_view shown = shown_name(odd);
      std::string hint = std::ranges::binary_search(known, shown)
                             ? fmt::format("; it is shown as {}", shown)
                             : hints.did_you_mean(odd, [&] { return known; });
      if (hint.empty() && known.size() <= k_few)
        hint = fmt::format("; there is {}", fmt::join(known, ", "));
      problems.warning(value.at,
                       fmt::format("{} is never {}{}", field, in_quotes(value.text), hint));
    }
  }
}

const std::vector<std::string_view>& OddValues::names(const Operand& field,
                                                      const std::string& written) {
  const auto [place, is_new] = names_.try_emplace(written);
  // For what there is not a name that is near would be looked for.
  if (!is_new || !is_supplied(field.name, field.argument)) return place->second;
  if (const auto found = find_field_rows(field.name, field.argument))
    place->second = value_names(*found);
  return place->second;
}

}  // namespace gancho::rules
