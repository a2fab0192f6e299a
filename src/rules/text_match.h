// SPDX-License-Identifier: Apache-2.0
//
// Comparisons of texts, on any bytes. Letters are those of ASCII.
#pragma once

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

struct TextHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using TextSet = boost::unordered_flat_set<std::string, TextHash, std::equal_to<>>;

// Is one of `prefixes` the path itself, or a directory above it? They have no '/' at their end;
// "" is the root.
[[nodiscard]] bool has_path_prefix(std::string_view path, const TextSet& prefixes);
[[nodiscard]] std::string_view as_path_prefix(std::string_view path);

// "0a1b" as its bytes; nullopt when it is not hexadecimal.
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);

}  // namespace gancho::rules
