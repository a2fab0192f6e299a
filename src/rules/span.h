// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gancho::rules {

// Where something stands in a file that a person wrote: lines and columns from 1, columns in
// characters. What has no place (line 0) came from nowhere that could be shown.
struct Span {
  std::uint32_t file = 0;  // index of the file among those that are read
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;  // characters, of the first line only

  friend bool operator==(const Span&, const Span&) = default;
};

// From the beginning of `first` to the end of `last`, where that is the same line.
[[nodiscard]] constexpr Span between(const Span& first, const Span& last) {
  if (first.file != last.file || first.line != last.line || last.column < first.column)
    return first;
  return {first.file, first.line, first.column, last.column + last.length - first.column};
}

}  // namespace gancho::rules
