// SPDX-License-Identifier: Apache-2.0
#include "cli/columns.h"

#include <algorithm>

namespace gancho {

std::size_t columns_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string harmless(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte >= 0x7f) letter = '?';
  }
  return out;
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::string out(text);
  const std::size_t has = columns_of(text);
  if (has < width) out.append(width - has, ' ');
  return out;
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t has = columns_of(text);
  return std::string(has < width ? width - has : 0, ' ').append(text);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t size = columns_of(word);
    if (!first && column + 1 + size > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
      first = true;
    }
    if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += size;
    first = false;
  }
  out += '\n';
  return out;
}

}  // namespace gancho
