// SPDX-License-Identifier: Apache-2.0
#include "rules/operators.h"

#include <algorithm>
#include <array>

namespace gancho::rules {
namespace {

// In the order of the enumeration.
constexpr auto k_operators = std::to_array<OperatorDesc>({
    {Operator::equal, "=", Takes::value, true, "anything",
     "it is the value; an IP address also when it lies in that network"},
    {Operator::not_equal, "!=", Takes::value, true, "anything",
     "it is not; of a field with several values none is"},
    {Operator::less, "<", Takes::number, false, "numbers", "it is less"},
    {Operator::less_equal, "<=", Takes::number, false, "numbers", "it is not greater"},
    {Operator::greater, ">", Takes::number, false, "numbers", "it is greater"},
    {Operator::greater_equal, ">=", Takes::number, false, "numbers", "it is not less"},
    {Operator::contains, "contains", Takes::value, true, "texts", "the value occurs in it"},
    {Operator::icontains, "icontains", Takes::value, true, "texts",
     "the same, upper and lower case alike"},
    {Operator::bcontains, "bcontains", Takes::value, true, "texts",
     "these bytes, in hexadecimal, occur in it"},
    {Operator::startswith, "startswith", Takes::value, true, "texts", "it begins so"},
    {Operator::bstartswith, "bstartswith", Takes::value, true, "texts",
     "it begins with these bytes, in hexadecimal"},
    {Operator::endswith, "endswith", Takes::value, true, "texts", "it ends so"},
    {Operator::glob, "glob", Takes::value, true, "texts",
     "the whole of it fits: `*` any bytes, `/` too, `?` one, `[a-z]`, `[!a-z]`, `[[:digit:]]`"},
    {Operator::iglob, "iglob", Takes::value, true, "texts", "the same, upper and lower case alike"},
    {Operator::regex, "regex", Takes::value, true, "texts", "the whole of it fits (RE2, bytes)"},
    {Operator::in, "in", Takes::list, false, "anything", "it is one of them"},
    {Operator::intersects, "intersects", Takes::list, false, "anything",
     "the same; any of several values"},
    {Operator::pmatch, "pmatch", Takes::list, false, "texts",
     "it is one of these paths, or lies below, with or without the first `/`; `*`, `?` and `[a-z]` "
     "stand for parts of a name"},
    {Operator::exists, "exists", Takes::nothing, false, "anything",
     "the record has it; never unknown"},
});

constexpr auto k_modifiers = std::to_array<std::string_view>({"", "oneof", "anyof", "allof"});

constexpr std::uint8_t k_many = 255;
constexpr auto k_transformers = std::to_array<TransformerDesc>({
    {Transformer::val, "val", 1, 1, false, "val(FIELD)",
     "the field itself, where a value could stand"},
    {Transformer::tolower, "tolower", 1, 1, false, "tolower(FIELD)", "lower case"},
    {Transformer::toupper, "toupper", 1, 1, false, "toupper(FIELD)", "upper case"},
    {Transformer::b64, "b64", 1, 1, false, "b64(FIELD)",
     "decoded from base64; unknown when it is none"},
    {Transformer::basename, "basename", 1, 1, false, "basename(FIELD)",
     "what is behind the last `/`"},
    {Transformer::len, "len", 1, 1, false, "len(FIELD)",
     "its length in bytes; of several values, how many"},
    {Transformer::join, "join", 2, 2, false, "join(\",\", LIST)",
     "the values of a list with that between them: `proc.args`, `proc.aname`"},
    {Transformer::concat, "concat", 2, k_many, false, "concat(FIELD, \"-\", FIELD)",
     "one text of several"},
    {Transformer::getopt, "getopt", 2, 2, true, "getopt(LIST, \"ab:\")[b]",
     "options among arguments, as getopt(3) reads them; with a letter in brackets that option's "
     "value"},
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

std::span<const TransformerDesc> transformers() {
  return k_transformers;
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
