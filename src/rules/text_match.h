// SPDX-License-Identifier: Apache-2.0
//
// Comparisons of texts, on any bytes. Letters are those of ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

namespace gancho::rules {

[[nodiscard]] bool contains_bytes(std::string_view text, std::string_view part);
// `part` in lower case.
[[nodiscard]] bool contains_letters(std::string_view text, std::string_view part);

// As fnmatch(3) without flags: * any bytes, '/' too; ? one; [a-z] [!a-z] [[:alpha:]]; \ takes what
// follows as it is. With `fold`, the pattern is in lower case and the text's letters are taken so.
[[nodiscard]] bool matches_glob(std::string_view text, std::string_view pattern, bool fold);

// Where what is special in such a pattern at `at` ends; `at` itself when nothing is. A byte behind
// a backslash counts to it.
[[nodiscard]] std::size_t behind_special(std::string_view pattern, std::size_t at);

// Of texts that are a few or some dozen bytes long. Not for tables that others fill.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view text) {
  const auto load = []<class Word>(const char* at, Word word) -> std::uint64_t {
    std::memcpy(&word, at, sizeof(word));
    return word;
  };
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  constexpr std::uint64_t k_first = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t k_second = 0xd1b54a32d192ed03;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = left * k_first;
  for (; left > 8; at += 8, left -= 8) hash = mix(hash ^ load(at, std::uint64_t{}), k_second);
  // The rest in two loads, which may overlap.
  std::uint64_t rest = 0;
  if (left >= 4)
    rest = load(at, std::uint32_t{}) << 32 | load(at + left - 4, std::uint32_t{});
  else if (left != 0)
    rest = load(at, std::uint8_t{}) << 16 | load(at + left / 2, std::uint8_t{}) << 8 |
           load(at + left - 1, std::uint8_t{});
  return mix(hash ^ rest, k_first);
}

struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const {
    return static_cast<std::size_t>(hash_bytes(text));
  }
};
using TextSet = boost::unordered_flat_set<std::string, TextHash, std::equal_to<>>;

// Is one of `prefixes` the path itself, or a directory above it? They are as as_path_prefix() makes
// them: without a '/' at either end, as in Falco, for which etc is /etc. "" is above all.
[[nodiscard]] bool has_path_prefix(std::string_view path, const TextSet& prefixes);
[[nodiscard]] std::string_view as_path_prefix(std::string_view path);

// "0a1b" as its bytes; nullopt when it is not hexadecimal.
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);

}  // namespace gancho::rules
