// SPDX-License-Identifier: Apache-2.0
#include "rules/relation.h"

#include <re2/re2.h>

#include <algorithm>

namespace gancho::rules {
namespace {

bool compare_numbers(Operator op, const Number& left, const Number& right) {
  switch (op) {
    case Operator::less:
      return left < right;
    case Operator::less_equal:
      return left <= right;
    case Operator::greater:
      return left > right;
    case Operator::greater_equal:
      return left >= right;
    default:
      return left == right;
  }
}

bool compare_texts(Operator op, std::string_view left, std::string_view right) {
  switch (op) {
    case Operator::contains:
    case Operator::bcontains:
      return contains_bytes(left, right);
    case Operator::icontains:
      return contains_letters(left, right);
    case Operator::startswith:
    case Operator::bstartswith:
      return left.starts_with(right);
    case Operator::endswith:
      return left.ends_with(right);
    case Operator::glob:
      return matches_glob(left, right, false);
    case Operator::iglob:
      return matches_glob(left, right, true);
    default:
      return left == right;
  }
}

bool fits(Operator op, ValueKind kind, const Cell& left, const Constant& right) {
  switch (kind) {
    case ValueKind::number:
    case ValueKind::truth:
      return compare_numbers(op, left.number, right.number);
    case ValueKind::address:
      return right.network.contains(left.address);
    case ValueKind::text:
      if (op != Operator::regex) return compare_texts(op, left.text, right.text);
      return re2::RE2::FullMatch({left.text.data(), left.text.size()}, *right.regex);
  }
  return false;
}

bool is_in(Operator op, ValueKind kind, const Cell& left, const ValueSet& set) {
  switch (kind) {
    case ValueKind::number:
    case ValueKind::truth:
      return std::ranges::binary_search(set.numbers, left.number);
    case ValueKind::address:
      return set.networks.contains(left.address);
    case ValueKind::text:
      if (op == Operator::pmatch) return has_path_prefix(left.text, set.texts);
      return set.texts.contains(left.text);
  }
  return false;
}

}  // namespace

bool relates(Operator op, ValueKind kind, const Cell& left, const Cell& right) {
  switch (kind) {
    case ValueKind::number:
    case ValueKind::truth:
      return compare_numbers(op, left.number, right.number);
    case ValueKind::address:
      return left.address == right.address;
    case ValueKind::text:
      return compare_texts(op, left.text, right.text);
  }
  return false;
}

bool holds(const Terms& terms, const TypedComparison& comparison, std::span<const Cell> left) {
  const auto any = [&](const auto& fits_one) { return std::ranges::any_of(left, fits_one); };
  if (comparison.set != k_none) {
    const ValueSet& set = terms.sets[comparison.set];
    return any([&](const Cell& cell) {
             return is_in(comparison.op, comparison.kind, cell, set);
           }) != comparison.negated;
  }
  const auto constants =
      std::span(terms.constants).subspan(comparison.constants.first, comparison.constants.count);
  const auto fits_value = [&](const Constant& constant) {
    return any([&](const Cell& cell) {
             return fits(comparison.op, comparison.kind, cell, constant);
           }) != comparison.negated;
  };
  switch (comparison.modifier) {
    case Modifier::allof:
      return std::ranges::all_of(constants, fits_value);
    case Modifier::oneof:
      return std::ranges::count_if(constants, fits_value) == 1;
    case Modifier::none:
    case Modifier::anyof:
      break;
  }
  return std::ranges::any_of(constants, fits_value);
}

}  // namespace gancho::rules
