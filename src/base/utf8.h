// SPDX-License-Identifier: Apache-2.0
//
// File names and arguments are bytes. These tell which of them are text, and which text would do
// something to the terminal that shows it.
#pragma once

#include <cstdint>
#include <string_view>

namespace gancho {

struct Utf8 {
  char32_t code = 0;
  unsigned length = 0;  // bytes; 0: what stands here is not UTF-8
};

// The code point at the front of `text`, which is not empty. Refuses overlong forms, surrogates,
// what lies above U+10FFFF, and sequences that are cut off.
[[nodiscard]] constexpr Utf8 decode_utf8(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const auto six = [&](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3f); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first >= 0xc2 && first < 0xe0) {
    if (!follows(1)) return {};
    return {static_cast<char32_t>(first & 0x1f) << 6 | six(1), 2};
  }
  if (first >= 0xe0 && first < 0xf0) {
    if (!follows(1) || !follows(2)) return {};
    const char32_t code = static_cast<char32_t>(first & 0x0f) << 12 | six(1) << 6 | six(2);
    if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) return {};
    return {code, 3};
  }
  if (first >= 0xf0 && first < 0xf5) {
    if (!follows(1) || !follows(2) || !follows(3)) return {};
    const char32_t code =
        static_cast<char32_t>(first & 0x07) << 18 | six(1) << 12 | six(2) << 6 | six(3);
    if (code < 0x10000 || code > 0x10ffff) return {};
    return {code, 4};
  }
  return {};
}

[[nodiscard]] constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8 next = decode_utf8(text);
    if (next.length == 0) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

// Control characters (C0, DEL, C1), line and paragraph separators, marks and overrides of the
// writing direction, and invisible tags: never shown as they are.
[[nodiscard]] constexpr bool steers_terminal(char32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  if (code < 0x61c) return false;
  return code == 0x61c || (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0xfeff || (code >= 0xe0000 && code <= 0xe007f);
}

}  // namespace gancho
