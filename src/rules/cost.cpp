// SPDX-License-Identifier: Apache-2.0
#include "rules/cost.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace gancho::rules {
namespace {

// What rules_bench measures (`cost/...`), rounded.
constexpr double k_step = 5;    // to go from one step to the next
constexpr double k_number = 9;  // a number, or a text that stands in the record as it is
constexpr double k_form = 15;   // a text that has to be made of a number: flags, an address
constexpr double k_command_line = 45;
constexpr double k_table = 20;    // something of the process table
constexpr double k_lineage = 45;  // ancestors that the record has
constexpr double k_change = 12;   // a transformer
constexpr double k_equal = 2;
constexpr double k_set = 5;
constexpr double k_contains = 17;
constexpr double k_glob = 22;
constexpr double k_regex = 125;

bool is_made(const Field& field) {
  const auto type = field.only_type();
  if (field.kind != ValueKind::text || !type) return false;
  switch (*type) {
    case FieldType::comm:
    case FieldType::string:
    case FieldType::word:
    case FieldType::path:
    case FieldType::host_path:
    case FieldType::event_name:
    case FieldType::event_class:
    case FieldType::container:
    case FieldType::uid:
    case FieldType::gid:
      return false;
    default:
      return true;
  }
}

double reading_ns(const Field& field) {
  using enum Reading;
  switch (field.reading) {
    case constant:
    case event_names:
      return k_equal;
    case command_line:
    case arguments:
    case every_argument:
    case environment:
    case every_own:
      return k_command_line + (field.of_process ? k_table / 2 : 0);
    case ancestor_names:
    case ancestor_name:
    case ancestor_pids:
    case ancestor_pid:
      return k_lineage + k_table / 2;
    case mode_names:
    case wall_text:
    case time_text:
    case date_time_text:
    case date_second_text:
      return k_form;
    default:
      break;
  }
  // Some of the events have it in the record, and for the others the table is asked.
  if (field.of_process) return k_table;
  return is_made(field) ? k_form : k_number;
}

double operand_ns(const Terms& terms, Index operand, std::set<Index>& read) {
  double sum = 0;
  std::vector<Index> open{operand};
  while (!open.empty()) {
    const Index index = open.back();
    open.pop_back();
    // What has several values is read anew each time.
    const TypedOperand& one = terms.operands[index];
    if (!read.insert(index).second && !one.several) continue;
    if (one.kind == OperandKind::field) sum += reading_ns(one.field);
    if (one.kind == OperandKind::transformer) sum += k_change;
    open.insert(open.end(), one.arguments.begin(), one.arguments.end());
  }
  return sum;
}

double relation_ns(Operator op) {
  using enum Operator;
  switch (op) {
    case in:
    case intersects:
    case pmatch:
      return k_set;
    case contains:
    case bcontains:
    case icontains:
      return k_contains;
    case glob:
    case iglob:
      return k_glob;
    case regex:
      return k_regex;
    default:
      return k_equal;
  }
}

}  // namespace

double step_ns(const Terms& terms, const TypedComparison& comparison, std::set<Index>& read) {
  if (comparison.types != k_none) return 0;
  double sum = k_step + operand_ns(terms, comparison.left, read);
  if (comparison.right != k_none) sum += operand_ns(terms, comparison.right, read);
  const double times =
      comparison.set != k_none ? 1 : std::max<Index>(1, comparison.constants.count);
  return sum + times * relation_ns(comparison.op);
}

}  // namespace gancho::rules
