// SPDX-License-Identifier: Apache-2.0
//
// The words of conditions: what compares, what says how many of a list must fit, what is done with
// a field before it is compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gancho::rules {

enum class Operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  contains,
  icontains,
  bcontains,
  startswith,
  bstartswith,
  endswith,
  glob,
  iglob,
  regex,
  in,
  intersects,
  pmatch,
  exists,
};

// What stands behind an operator.
enum class Takes : std::uint8_t { nothing, value, number, list };

struct OperatorDesc {
  Operator id;
  std::string_view word;
  Takes takes;
  bool modifiable;           // may have a modifier, and then takes a list
  std::string_view of;       // which fields
  std::string_view meaning;  // when it holds
};

[[nodiscard]] std::span<const OperatorDesc> operators();
[[nodiscard]] const OperatorDesc& describe(Operator id);
// "==" is "=". nullptr for a word that is none.
[[nodiscard]] const OperatorDesc* find_operator(std::string_view word);
[[nodiscard]] std::vector<std::string_view> operator_words();

// How many values of the list must fit: exactly one, at least one, all.
enum class Modifier : std::uint8_t { none, oneof, anyof, allof };

[[nodiscard]] std::string_view word_of(Modifier modifier);  // "" for none
[[nodiscard]] std::optional<Modifier> find_modifier(std::string_view word);

enum class Transformer : std::uint8_t {
  val,  // the field as it is: says that a field is meant where a value could stand
  tolower,
  toupper,
  b64,  // decoded
  basename,
  len,
  join,    // (separator, list)
  concat,  // (text, text, ...)
  getopt,  // (arguments, options as getopt(3) has them); with [o]: the value of that option
};

struct TransformerDesc {
  Transformer id;
  std::string_view word;
  std::uint8_t least;  // arguments
  std::uint8_t most;
  bool selects;              // may have an argument in brackets behind it
  std::string_view form;     // how it is written
  std::string_view meaning;  // what it makes
};

[[nodiscard]] std::span<const TransformerDesc> transformers();

[[nodiscard]] const TransformerDesc& describe(Transformer id);
[[nodiscard]] const TransformerDesc* find_transformer(std::string_view word);
[[nodiscard]] std::vector<std::string_view> transformer_words();

}  // namespace gancho::rules
