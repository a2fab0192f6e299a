// SPDX-License-Identifier: Apache-2.0
#include "rules/path_glob.h"

#include <fmt/format.h>

#include <cstddef>

#include "rules/text_match.h"

namespace gancho::rules {
namespace {

constexpr auto k_none = std::string_view::npos;

// Behind the ']' of what begins with a '['; npos when there is none before the next '/'.
std::size_t brackets_end(std::string_view path, std::size_t at) {
  std::size_t i = at + 1;
  if (i < path.size() && (path[i] == '!' || path[i] == '^')) ++i;
  for (bool first = true; i < path.size() && path[i] != '/'; first = false) {
    if (path[i] == ']' && !first) return i + 1;
    if (path.substr(i).starts_with("[:")) {
      const std::size_t end = path.find(":]", i + 2);
      if (end != k_none && end < path.find('/', i)) {
        i = end + 2;
        continue;
      }
    }
    i += path[i] == '\\' && i + 1 < path.size() ? 2 : 1;
  }
  return k_none;
}

// The bytes that they stand for, one by one: what they mean is said in one place.
std::string brackets_regex(std::string_view brackets) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (c != '/' && matches_glob({&c, 1}, brackets, false)) bytes += fmt::format("\\x{:02x}", byte);
  }
  return bytes.empty() ? "[^\\x00-\\xff]" : "[" + bytes + "]";
}

}  // namespace

bool is_path_glob(std::string_view path) {
  return path.find_first_of("*?[") != k_none;
}

std::string path_glob_regex(std::string_view path) {
  path = as_path_prefix(path);
  if (path.empty()) return "(?s).+";
  std::string regex = "(?s)/*";
  for (std::size_t i = 0; i < path.size();) {
    const std::size_t end = path[i] == '[' ? brackets_end(path, i) : k_none;
    if (end != k_none) {
      regex += brackets_regex(path.substr(i, end - i));
      i = end;
    } else if (path[i] == '*') {
      const bool begins = i == 0 || path[i - 1] == '/';
      while (i < path.size() && path[i] == '*') ++i;
      // No part of a path is empty.
      const bool ends = i == path.size() || path[i] == '/';
      regex += begins && ends ? "[^/]+" : "[^/]*";
    } else if (path[i] == '?') {
      regex += "[^/]";
      ++i;
    } else {
      if (path[i] == '\\' && i + 1 < path.size()) ++i;
      regex += fmt::format("\\x{:02x}", static_cast<unsigned char>(path[i++]));
    }
  }
  return regex + "(?:/.*)?";
}

}  // namespace gancho::rules
