// SPDX-License-Identifier: Apache-2.0
#include "rules/operators.h"

#include <algorithm>
#include <array>

namespace gancho::rules {
namespace {

// In the order of the enumeration.
constexpr auto k_operators = std::to_array<OperatorDesc>({
    {Operator::equal, "=", Takes::value, true},
    {Operator::not_equal, "!=", Takes::value, true},
    {Operator::less, "<", Takes::number, false},
    {Operator::less_equal, "<=", Takes::number, false},
    {Operator::greater, ">", Takes::number, false},
    {Operator::greater_equal, ">=", Takes::number, false},
    {Operator::contains, "contains", Takes::value, true},
    {Operator::icontains, "icontains", Takes::value, true},
    {Operator::bcontains, "bcontains", Takes::value, true},
    {Operator::startswith, "startswith", Takes::value, true},
    {Operator::bstartswith, "bstartswith", Takes::value, true},
    {Operator::endswith, "endswith", Takes::value, true},
    {Operator::glob, "glob", Takes::value, true},
    {Operator::iglob, "iglob", Takes::value, true},
    {Operator::regex, "regex", Takes::value, true},
    {Operator::in, "in", Takes::list, false},
    {Operator::intersects, "intersects", Takes::list, false},
    {Operator::pmatch, "pmatch", Takes::list, false},
    {Operator::exists, "exists", Takes::nothing, false},
});

constexpr auto k_modifiers = std::to_array<std::string_view>({"", "oneof", "anyof", "allof"});

constexpr std::uint8_t k_many = 255;
constexpr auto k_transformers = std::to_array<TransformerDesc>({
    {Transformer::val, "val", 1, 1, false},
    {Transformer::tolower, "tolower", 1, 1, false},
    {Transformer::toupper, "toupper", 1, 1, false},
    {Transformer::b64, "b64", 1, 1, false},
    {Transformer::basename, "basename", 1, 1, false},
    {Transformer::len, "len", 1, 1, false},
    {Transformer::join, "join", 2, 2, false},
    {Transformer::concat, "concat", 2, k_many, false},
    {Transformer::getopt, "getopt", 2, 2, true},
});

template <class Table>
consteval bool in_order(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].id) != i) return false;
  return true;
}
static_assert(in_order(k_operators));
static_assert(in_order(k_transformers));

template <class Table>
auto find_word(const Table& table, std::string_view word) {
  const auto found = std::ranges::find(table, word, [](const auto& row) { return row.word; });
  return found == table.end() ? nullptr : &*found;
}

template <class Table>
std::vector<std::string_view> words(const Table& table) {
  std::vector<std::string_view> all;
  for (const auto& row : table) all.push_back(row.word);
  return all;
}

}  // namespace

std::span<const OperatorDesc> operators() {
  return k_operators;
}

const OperatorDesc& describe(Operator id) {
  return k_operators[static_cast<std::size_t>(id)];
}

const OperatorDesc* find_operator(std::string_view word) {
  return find_word(k_operators, word == "==" ? "=" : word);
}

std::vector<std::string_view> operator_words() {
  return words(k_operators);
}

std::string_view word_of(Modifier modifier) {
  return k_modifiers[static_cast<std::size_t>(modifier)];
}

std::optional<Modifier> find_modifier(std::string_view word) {
  for (std::size_t i = 1; i < k_modifiers.size(); ++i)
    if (k_modifiers[i] == word) return static_cast<Modifier>(i);
  return std::nullopt;
}

const TransformerDesc& describe(Transformer id) {
  return k_transformers[static_cast<std::size_t>(id)];
}

const TransformerDesc* find_transformer(std::string_view word) {
  return find_word(k_transformers, word);
}

std::vector<std::string_view> transformer_words() {
  return words(k_transformers);
}

}  // namespace gancho::rules
