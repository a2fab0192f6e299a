// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_text.h"

#include <algorithm>

namespace gancho::rules {
namespace {

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

RuleText::RuleText(std::string_view text, Span at) {
  while (!text.empty()) {
    const std::size_t line = std::min(text.find('\n'), text.size() - 1) + 1;
    add(text.substr(0, line), at);
    text.remove_prefix(line);
    ++at.line;
    at.column = 1;
  }
}

void RuleText::add(std::string_view bytes, const Span& at) {
  std::uint32_t column = at.column;
  bool starts = true;
  for (const char byte : bytes) {
    // Within a piece a byte is a column, so a character of several bytes ends one.
    if (continues_character(byte)) {
      text_ += byte;
      starts = true;
      continue;
    }
    if (starts) {
      const auto offset = static_cast<std::uint32_t>(text_.size());
      const Piece* last = pieces_.empty() ? nullptr : &pieces_.back();
      const bool follows = last != nullptr && last->file == at.file && last->line == at.line &&
                           last->column + (offset - last->offset) == column;
      if (!follows) pieces_.push_back({offset, at.file, at.line, column});
      starts = false;
    }
    text_ += byte;
    ++column;
  }
}

void RuleText::append(const RuleText& more) {
  if (!text_.empty()) text_ += ' ';
  add(more);
}

void RuleText::add(const RuleText& more) {
  const auto offset = static_cast<std::uint32_t>(text_.size());
  text_ += more.text_;
  for (Piece piece : more.pieces_) {
    piece.offset += offset;
    pieces_.push_back(piece);
  }
}

Span RuleText::at(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(pieces_, offset, {}, &Piece::offset);
  if (after == pieces_.begin()) return {};
  const Piece& piece = *(after - 1);
  return {piece.file, piece.line, piece.column + static_cast<std::uint32_t>(offset - piece.offset),
          1};
}

Span RuleText::span(std::size_t begin, std::size_t end) const {
  const Span first = at(begin);
  if (end <= begin + 1) return first;
  std::size_t last = end - 1;
  while (last > begin && continues_character(text_[last])) --last;
  const Span reached = between(first, at(last));
  if (reached.line == at(last).line) return reached;
  // It goes on in another line: to the end of the piece that it begins in.
  const auto after = std::ranges::upper_bound(pieces_, begin, {}, &Piece::offset);
  return {first.file, first.line, first.column,
          std::max(1U, static_cast<std::uint32_t>(after->offset - begin))};
}

}  // namespace gancho::rules
