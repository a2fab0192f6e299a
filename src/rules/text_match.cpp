// SPDX-License-Identifier: Apache-2.0
#include "rules/text_match.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"

namespace gancho::rules {
namespace {

bool in_class(std::string_view name, char c) {
  const bool is_lower = c >= 'a' && c <= 'z';
  const bool is_upper = c >= 'A' && c <= 'Z';
  const bool is_digit = c >= '0' && c <= '9';
  const bool is_graph = c > ' ' && c < '\x7f';
  if (name == "alpha") return is_lower || is_upper;
  if (name == "digit") return is_digit;
  if (name == "alnum") return is_lower || is_upper || is_digit;
  if (name == "lower") return is_lower;
  if (name == "upper") return is_upper;
  if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "punct") return is_graph && !is_lower && !is_upper && !is_digit;
  if (name == "xdigit") return is_digit || (lower(c) >= 'a' && lower(c) <= 'f');
  if (name == "graph") return is_graph;
  if (name == "print") return is_graph || c == ' ';
  if (name == "cntrl") return (c >= 0 && c < ' ') || c == '\x7f';
  return false;
}

// What stands in brackets, from behind the '['. `at` goes behind the ']'; false and npos when there
// is none: the '[' is one like any other then.
bool in_brackets(std::string_view pattern, std::size_t& at, char c) {
  std::size_t i = at;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true;; first = false) {
    if (i >= pattern.size()) {
      at = std::string_view::npos;
      return false;
    }
    if (pattern[i] == ']' && !first) break;
    if (pattern.substr(i).starts_with("[:")) {
      const std::size_t end = pattern.find(":]", i + 2);
      if (end != std::string_view::npos) {
        found = found || in_class(pattern.substr(i + 2, end - i - 2), c);
        i = end + 2;
        continue;
      }
    }
    const auto one = [&] {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      return static_cast<unsigned char>(pattern[i++]);
    };
    const unsigned char low = one();
    unsigned char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      high = one();
    }
    const auto byte = static_cast<unsigned char>(c);
    found = found || (byte >= low && byte <= high);
  }
  at = i + 1;
  return found != negated;
}

}  // namespace

bool contains_bytes(std::string_view text, std::string_view part) {
  return part.empty() || (text.size() >= part.size() &&
                          ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr);
}

bool contains_letters(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == b; };
  return !std::ranges::search(text, part, same).empty() || part.empty();
}

bool matches_glob(std::string_view text, std::string_view pattern, bool fold) {
  std::size_t t = 0;
  std::size_t p = 0;
  // Where the last star stood, and what it has swallowed: only the last can be wrong.
  std::size_t star = std::string_view::npos;
  std::size_t swallowed = 0;
  while (t < text.size()) {
    const char c = fold ? lower(text[t]) : text[t];
    bool fits = false;
    std::size_t next = p + 1;
    if (p < pattern.size()) {
      switch (pattern[p]) {
        case '*':
          star = p++;
          swallowed = t;
          continue;
        case '?':
          fits = true;
          break;
        case '[':
          fits = in_brackets(pattern, next, c);
          if (next == std::string_view::npos) {
            next = p + 1;
            fits = c == '[';
          }
          break;
        case '\\':
          if (p + 1 < pattern.size()) {
            fits = pattern[p + 1] == c;
            next = p + 2;
          }
          break;
        default:
          fits = pattern[p] == c;
      }
    }
    if (fits) {
      p = next;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++swallowed;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::size_t behind_special(std::string_view pattern, std::size_t at) {
  switch (pattern[at]) {
    case '*':
    case '?':
      return at + 1;
    case '\\':
      return std::min(at + 2, pattern.size());
    case '[': {
      std::size_t next = at + 1;
      in_brackets(pattern, next, '\0');
      return next == std::string_view::npos ? at : next;
    }
    default:
      return at;
  }
}

std::string_view as_path_prefix(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

bool has_path_prefix(std::string_view path, const TextSet& prefixes) {
  if (path.empty()) return false;
  path = as_path_prefix(path);
  while (!prefixes.contains(path)) {
    if (path.empty()) return false;
    const std::size_t slash = path.rfind('/');
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return true;
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  const auto digit = [](char c) {
    c = lower(c);
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

}  // namespace gancho::rules
