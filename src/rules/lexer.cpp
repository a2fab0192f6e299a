// SPDX-License-Identifier: Apache-2.0
#include "rules/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace gancho::rules {
namespace {

// \b among them because Falco has it so.
constexpr std::string_view k_blanks = " \t\n\r\f\v\b";
constexpr std::string_view k_signs = "=!<>";

bool is_blank(char c) {
  return k_blanks.find(c) != std::string_view::npos;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool in_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

bool in_value(char c) {
  return !is_blank(c) && std::string_view("()\"'=,").find(c) == std::string_view::npos;
}

bool in_argument(char c) {
  return !is_blank(c) && std::string_view("[]\"'").find(c) == std::string_view::npos;
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

template <class Fits>
std::size_t run(std::string_view text, std::size_t at, Fits fits) {
  while (at < text.size() && fits(text[at])) ++at;
  return at;
}

// Behind the name that begins at `at`; `at` when none does.
std::size_t name_end(std::string_view text, std::size_t at) {
  if (at == text.size() || !is_letter(text[at])) return at;
  at = run(text, at, in_word);
  while (at + 1 < text.size() && text[at] == '.' && in_word(text[at + 1]))
    at = run(text, at + 1, in_word);
  return at;
}

std::size_t sign_length(std::string_view text) {
  for (const std::string_view sign : {"<=", ">=", "==", "!=", "=", "<", ">"})
    if (text.starts_with(sign)) return sign.size();
  return 0;
}

// Behind the backslash, and what it stands for.
constexpr auto k_escapes = std::to_array<std::pair<char, char>>({{'b', '\b'},
                                                                 {'f', '\f'},
                                                                 {'n', '\n'},
                                                                 {'r', '\r'},
                                                                 {'t', '\t'},
                                                                 {'\\', '\\'},
                                                                 {'/', '/'},
                                                                 {'"', '"'},
                                                                 {'\'', '\''},
                                                                 // As Falco has it, for old rules.
                                                                 {' ', '\\'}});

unsigned hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

// The byte of "x41", which is at `at`.
std::optional<char> hex_escape(std::string_view text, std::size_t at) {
  if (text[at] != 'x' || at + 2 >= text.size() || !is_hex_digit(text[at + 1]) ||
      !is_hex_digit(text[at + 2]))
    return std::nullopt;
  return static_cast<char>(hex_digit(text[at + 1]) << 4 | hex_digit(text[at + 2]));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::size_t Lexer::skip_blanks(std::size_t at) const {
  return run(text_, at, is_blank);
}

Token Lexer::quoted(std::size_t begin) const {
  for (std::size_t at = begin + 1; at < text_.size(); ++at) {
    if (text_[at] == '\\') {
      ++at;
    } else if (text_[at] == text_[begin]) {
      return {TokenKind::string, begin, at + 1};
    }
  }
  return {TokenKind::other, begin, text_.size()};
}

Token Lexer::peek(Expect expect) const {
  const std::size_t begin = skip_blanks(at_);
  if (begin == text_.size()) return {TokenKind::end, begin, begin};
  const char first = text_[begin];
  if (first == '(') return {TokenKind::open, begin, begin + 1};
  if (first == ')') return {TokenKind::close, begin, begin + 1};
  if (first == ',') return {TokenKind::comma, begin, begin + 1};
  if (is_quote(first)) return quoted(begin);
  if (expect == Expect::value) {
    if (first == '=') return {TokenKind::other, begin, begin + 1};
    return {TokenKind::word, begin, run(text_, begin, in_value)};
  }
  if (is_letter(first)) return {TokenKind::word, begin, name_end(text_, begin)};
  if (k_signs.find(first) != std::string_view::npos) {
    if (const std::size_t length = sign_length(text_.substr(begin)))
      return {TokenKind::sign, begin, begin + length};
  }
  return {TokenKind::other, begin, std::max(begin + 1, run(text_, begin, in_value))};
}

std::optional<Token> Lexer::brackets(const Token& before) const {
  if (!touches(before, '[')) return std::nullopt;
  const std::size_t begin = before.end;
  std::size_t at = begin + 1;
  if (at < text_.size() && is_quote(text_[at])) {
    const Token inside = quoted(at);
    at = inside.end;
    if (inside.kind != TokenKind::string) return Token{TokenKind::other, begin, at};
  } else {
    at = run(text_, at, in_argument);
  }
  if (at == begin + 1 || at == text_.size() || text_[at] != ']')
    return Token{TokenKind::other, begin, at};
  return Token{TokenKind::string, begin, at + 1};
}

std::optional<std::string> unquote(std::string_view token, std::size_t& wrong) {
  std::string text;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') {
      text += token[i];
      continue;
    }
    ++i;
    if (const auto byte = hex_escape(token.substr(0, token.size() - 1), i)) {
      text += *byte;
      i += 2;
      continue;
    }
    const auto escape = std::ranges::find(k_escapes, token[i], &std::pair<char, char>::first);
    if (escape == k_escapes.end()) {
      wrong = i - 1;
      return std::nullopt;
    }
    text += escape->second;
  }
  return text;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  // Bytes that are no text would be none in a JSON or on a terminal either.
  const bool ascii_only = !is_utf8(text);
  for (const char c : text) {
    const auto escape = std::ranges::find(k_escapes, c, &std::pair<char, char>::second);
    const bool known = escape != k_escapes.end();
    if (!known && (is_control(c) || (ascii_only && (c & 0x80) != 0))) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else if (!known || c == '/' || c == '\'') {
      quoted += c;
    } else {
      quoted += '\\';
      quoted += escape->first;
    }
  }
  return quoted + '"';
}

bool is_bare_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, in_value);
}

bool is_bare_argument(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, in_argument);
}

bool is_name(std::string_view text) {
  return !text.empty() && name_end(text, 0) == text.size();
}

bool is_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X"))
    return text.size() > 2 && std::ranges::all_of(text.substr(2), is_hex_digit);
  std::size_t at = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  const std::size_t whole = run(text, at, is_digit);
  if (whole == at) return false;
  at = whole;
  if (at < text.size() && text[at] == '.') at = run(text, at + 1, is_digit);
  if (at + 2 < text.size() && (text[at] == 'e' || text[at] == 'E') &&
      (text[at + 1] == '+' || text[at + 1] == '-')) {
    at = run(text, at + 2, is_digit);
  }
  return at == text.size();
}

}  // namespace gancho::rules
