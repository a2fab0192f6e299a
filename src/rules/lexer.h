// SPDX-License-Identifier: Apache-2.0
//
// Cuts a condition into tokens. What a character means depends on what may stand there: `a-b` is a
// value, but no name; so the parser says what it expects. Nothing is copied, nothing fails: what
// does not fit is a token too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gancho::rules {

enum class TokenKind : std::uint8_t {
  end,
  word,    // term: evt.type, in, not, a_macro; value: whatever has no blank and none of ()"'=,
  string,  // in quotes
  open,
  close,
  comma,
  sign,   // = == != < <= > >=
  other,  // what cannot stand there; a quote that is not closed
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
};

enum class Expect : std::uint8_t { term, value };

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // The next one, without taking it.
  [[nodiscard]] Token peek(Expect expect) const;
  // Goes on behind it.
  void take(const Token& token) { at_ = token.end; }
  Token take(Expect expect) {
    const Token token = peek(expect);
    take(token);
    return token;
  }
  // What is in brackets right behind a token, brackets included; nullopt when there are none, and
  // an `other` when they are not closed or hold nothing that may be there.
  [[nodiscard]] std::optional<Token> brackets(const Token& before) const;

  [[nodiscard]] std::string_view text(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  // Does that byte stand right behind the token, without a blank?
  [[nodiscard]] bool touches(const Token& token, char next) const {
    return token.end < text_.size() && text_[token.end] == next;
  }
  // Behind what was taken last.
  [[nodiscard]] std::size_t taken() const { return at_; }
  void stop() { at_ = text_.size(); }

 private:
  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const;
  [[nodiscard]] Token quoted(std::size_t begin) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

// A quoted token without its quotes and escapes; on an escape that there is not, its place in the
// token is written to `wrong`.
[[nodiscard]] std::optional<std::string> unquote(std::string_view token, std::size_t& wrong);

// The other way round, in double quotes.
[[nodiscard]] std::string quote(std::string_view text);

// May it stand without quotes, as a value, as what is in brackets behind a field?
[[nodiscard]] bool is_bare_value(std::string_view text);
[[nodiscard]] bool is_bare_argument(std::string_view text);
// evt, evt.type
[[nodiscard]] bool is_name(std::string_view text);
// -1, 0x1f, 1.5e+3
[[nodiscard]] bool is_number(std::string_view text);

}  // namespace gancho::rules
