// SPDX-License-Identifier: Apache-2.0
#include "rules/odd_operators.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/quote.h"
#include "rules/field_table.h"
#include "rules/host_names.h"
#include "rules/number.h"
#include "rules/operators.h"
#include "rules/print.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_argument = "evt.arg";

std::string not_as_number(const Condition& condition, const Comparison& comparison,
                          const Field& field) {
  const OperatorDesc& op = describe(comparison.op);
  const bool is_mode = field.only_type() == FieldType::mode;
  if (op.of == "texts") {
    return is_mode ? ""
                   : fmt::format("{} is a number here, and {} is for texts", field.name, op.word);
  }
  for (const Value& value : condition.values_of(comparison)) {
    if (!parse_number(value.text, is_mode))
      return fmt::format("{} is a number here, and {} is none", field.name, in_quotes(value.text));
  }
  return "";
}

}  // namespace

std::string OddOperators::why(const Condition& condition) {
  for (const Comparison& comparison : condition.comparisons)
    if (std::string reason = why(condition, comparison); !reason.empty()) return reason;
  return "";
}

std::string OddOperators::why(const Condition& condition, const Comparison& comparison) {
  const OperatorDesc& op = describe(comparison.op);
  if (asks_host_name(condition, comparison.left)) {
    if (takes_host_names(comparison)) return "";
    return fmt::format("{} takes =, != and in, with names of hosts, and not {}",
                       print_operand(condition, comparison.left), op.word);
  }
  const Operand& left = condition.operands[comparison.left];
  const bool is_order = op.takes == Takes::number;
  if (left.kind != OperandKind::field || (!is_order && !left.name.starts_with(k_argument)))
    return "";
  const Field* found = field(condition, comparison.left);
  if (found == nullptr) return "";
  if (found->kind == ValueKind::text && is_order) {
    return fmt::format("{} is a text, and {} is for numbers{}", found->name, op.word,
                       found->name == "evt.res" ? ": evt.rawres is one" : "");
  }
  if (found->kind == ValueKind::number && left.name.starts_with(k_argument))
    return not_as_number(condition, comparison, *found);
  return "";
}

const Field* OddOperators::field(const Condition& condition, Index operand) {
  const Operand& written = condition.operands[operand];
  const auto [place, is_new] = fields_.try_emplace(print_operand(condition, operand));
  // For what there is not a name that is near would be looked for.
  if (is_new && is_supplied(written.name, written.argument)) {
    auto found = find_field_rows(written.name, written.argument);
    if (found) place->second = std::move(*found);
  }
  return place->second ? &*place->second : nullptr;
}

}  // namespace gancho::rules
