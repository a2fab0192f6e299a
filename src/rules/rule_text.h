// SPDX-License-Identifier: Apache-2.0
//
// Text of a rule as it is read (a condition, say), and where each byte of it stood in the file:
// YAML folds lines, doubles quotes and escapes, and a condition may be continued in another file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/span.h"

namespace gancho::rules {

class RuleText {
 public:
  RuleText() = default;
  // Text that stands as it is from `at` on: characters are columns, and a newline begins a line.
  explicit RuleText(std::string_view text, Span at = {.file = 0, .line = 1, .column = 1});

  // Bytes that stand at `at`, one character a column, all in one line.
  void add(std::string_view bytes, const Span& at);
  void add(const RuleText& more);
  // A blank, then all of `more`.
  void append(const RuleText& more);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  // Of the bytes [begin, end). What stands behind the last byte is one column after it.
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const;
  [[nodiscard]] Span span() const { return span(0, text_.size()); }

 private:
  struct Piece {
    std::uint32_t offset;  // of its first byte; it reaches to the next piece
    std::uint32_t file;
    std::uint32_t line;
    std::uint32_t column;
  };
  [[nodiscard]] Span at(std::size_t offset) const;

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace gancho::rules
