// SPDX-License-Identifier: Apache-2.0
#include "rules/yaml_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace gancho::rules {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum class Style : std::uint8_t { plain, single, twofold, block };

// Walks along the value and what is written in the file, side by side.
class Aligner {
 public:
  Aligner(std::string_view value, std::string_view written, const Span& at)
      : value_(value), written_(written), at_(at) {}

  RuleText align() {
    skip_properties();
    skip_opening();
    while (!value_.empty() && !written_.empty()) {
      if (style_ == Style::twofold && written_.front() == '\\') {
        escape();
      } else if (is_blank(written_.front())) {
        blanks();
      } else if (style_ == Style::single && written_.starts_with("''")) {
        take(1, 2);
      } else if (written_.front() == value_.front()) {
        const Utf8 next = decode_utf8(value_);
        const std::size_t length = std::max(1U, next.length);
        take(length, length);
      } else {
        break;  // not as expected: the rest has the place that was reached
      }
    }
    text_.add(value_, at_);
    return std::move(text_);
  }

 private:
  // `bytes` of the value stand here, and are written in `length`.
  void take(std::size_t bytes, std::size_t length) {
    text_.add(value_.substr(0, bytes), at_);
    value_.remove_prefix(std::min(bytes, value_.size()));
    pass(length);
  }

  void pass(std::size_t length) {
    for (; length > 0 && !written_.empty(); --length) {
      const char c = written_.front();
      if (c == '\n') {
        ++at_.line;
        at_.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
        ++at_.column;
      }
      written_.remove_prefix(1);
    }
  }

  void pass_blanks() {
    while (!written_.empty() && is_blank(written_.front())) pass(1);
  }

  // An anchor or a tag stands before the value.
  void skip_properties() {
    while (!written_.empty() && (written_.front() == '&' || written_.front() == '!')) {
      while (!written_.empty() && !is_blank(written_.front())) pass(1);
      pass_blanks();
    }
  }

  void skip_opening() {
    if (written_.empty()) return;
    switch (written_.front()) {
      case '\'':
        style_ = Style::single;
        return pass(1);
      case '"':
        style_ = Style::twofold;
        return pass(1);
      case '|':
      case '>':
        style_ = Style::block;
        while (!written_.empty() && written_.front() != '\n') pass(1);
        return pass(1);
      default:
        return;
    }
  }

  void escape() {
    const char kind = written_.size() > 1 ? written_[1] : '\0';
    if (kind == '\n' || kind == '\r') {
      pass(1);
      return pass_blanks();
    }
    const std::size_t length = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    take(std::max(1U, decode_utf8(value_).length), length);
  }

  void blanks() {
    const std::size_t end = std::min(written_.find_first_not_of(" \t\r\n"), written_.size());
    const auto lines = static_cast<std::size_t>(std::ranges::count(written_.substr(0, end), '\n'));
    std::size_t there = std::min(value_.find_first_not_of(" \t\r\n"), value_.size());
    if (lines == 0) {
      there = std::min(there, end);
      take(there, there);
      return pass_blanks();
    }
    // Lines are folded: into one blank, or as many newlines as lines are empty. Behind them, an
    // escape may stand for one more.
    if (style_ == Style::twofold) there = std::min(there, lines == 1 ? 1 : lines - 1);
    take(there, 0);
    pass(end);
  }

  std::string_view value_;
  std::string_view written_;
  Span at_;
  Style style_ = Style::plain;
  RuleText text_;
};

}  // namespace

RuleText text_of(const YamlNode& scalar, std::uint32_t file, const Source& source) {
  const std::size_t offset = std::min<std::size_t>(scalar.at.offset, source.text().size());
  return Aligner(scalar.text, source.text().substr(offset), source.place(file, offset)).align();
}

}  // namespace gancho::rules
