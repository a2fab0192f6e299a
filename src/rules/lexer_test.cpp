// SPDX-License-Identifier: Apache-2.0
#include "rules/lexer.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace gancho::rules {
namespace {

std::vector<std::string> words(std::string_view text, Expect expect) {
  std::vector<std::string> all;
  Lexer lexer(text);
  while (true) {
    const Token token = lexer.take(expect);
    if (token.kind == TokenKind::end) return all;
    all.emplace_back(lexer.text(token));
  }
}

using Words = std::vector<std::string>;

TEST(Lexer, WhatAWordIsDependsOnWhatMayStandThere) {
  EXPECT_EQ(words("proc.name=nginx-debug", Expect::term),
            (Words{"proc.name", "=", "nginx", "-debug"}));
  EXPECT_EQ(words("nginx-debug, runc:[1:CHILD])", Expect::value),
            (Words{"nginx-debug", ",", "runc:[1:CHILD]", ")"}));
  EXPECT_EQ(words("evt.arg.0 a.b.", Expect::term), (Words{"evt.arg.0", "a.b", "."}));
}

TEST(Lexer, LongestSignFirst) {
  EXPECT_EQ(words("a.b<=1", Expect::term), (Words{"a.b", "<=", "1"}));
  EXPECT_EQ(words("a.b == b.c != >= > < =", Expect::term),
            (Words{"a.b", "==", "b.c", "!=", ">=", ">", "<", "="}));
}

TEST(Lexer, QuotesHoldWhateverIsInThem) {
  EXPECT_EQ(words(R"("a (b), 'c' \" d" 'e "f" \' g')", Expect::value),
            (Words{R"("a (b), 'c' \" d")", R"('e "f" \' g')"}));
  Lexer lexer("\"never closed");
  EXPECT_EQ(lexer.peek(Expect::value).kind, TokenKind::other);
  // A backslash at the very end closes nothing either.
  EXPECT_EQ(Lexer("\"a\\").peek(Expect::term).kind, TokenKind::other);
}

TEST(Lexer, BracketsStandRightBehind) {
  Lexer lexer("proc.aname[2] proc.env[\"A]B\"] a.b [1] a.b[] a.b[1");
  Token token = lexer.take(Expect::term);
  ASSERT_TRUE(lexer.brackets(token));
  EXPECT_EQ(lexer.text(*lexer.brackets(token)), "[2]");
  lexer.take(*lexer.brackets(token));
  token = lexer.take(Expect::term);
  EXPECT_EQ(lexer.text(*lexer.brackets(token)), "[\"A]B\"]");
  lexer.take(*lexer.brackets(token));
  token = lexer.take(Expect::term);
  EXPECT_FALSE(lexer.brackets(token));
  lexer.take(lexer.peek(Expect::value));
  token = lexer.take(Expect::term);
  EXPECT_EQ(lexer.brackets(token)->kind, TokenKind::other);
  lexer.take(*lexer.brackets(token));
  lexer.take(lexer.peek(Expect::value));
  token = lexer.take(Expect::term);
  EXPECT_EQ(lexer.brackets(token)->kind, TokenKind::other);
}

TEST(Lexer, Escapes) {
  std::size_t wrong = 0;
  EXPECT_EQ(unquote(R"("a\"b\\c\/d\ne")", wrong), "a\"b\\c/d\ne");
  EXPECT_EQ(unquote(R"('it\'s')", wrong), "it's");
  // As in Falco: a backslash, for rules that were written so.
  EXPECT_EQ(unquote(R"("a\ b")", wrong), "a\\b");
  EXPECT_EQ(unquote(R"("ab\q41")", wrong), std::nullopt);
  EXPECT_EQ(wrong, 3U);
}

TEST(Lexer, BytesInHexadecimal) {
  std::size_t wrong = 0;
  EXPECT_EQ(unquote(R"("ab\x41\xfF.")", wrong), "abA\xff.");
  EXPECT_EQ(unquote(R"("\x00")", wrong), std::string(1, '\0'));
  for (const char* text : {R"("ab\x4")", R"("ab\x")", R"("ab\xg0")", R"('ab\x4')"}) {
    wrong = 0;
    EXPECT_EQ(unquote(text, wrong), std::nullopt) << text;
    EXPECT_EQ(wrong, 3U) << text;
  }
  EXPECT_EQ(quote("a\x01\x7f\n"), R"("a\x01\x7f\n")");
  EXPECT_EQ(quote("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(quote("caf\xe9"), R"("caf\xe9")");
}

TEST(Lexer, WhatIsQuotedIsReadBack) {
  EXPECT_TRUE(rc::check("unquote(quote(text)) == text", [](const std::string& text) {
    const std::string quoted = quote(text);
    Lexer lexer(quoted);
    const Token token = lexer.take(Expect::value);
    RC_ASSERT(token.kind == TokenKind::string);
    RC_ASSERT(token.end == quoted.size());
    std::size_t wrong = 0;
    RC_ASSERT(unquote(quoted, wrong) == text);
  }));
}

TEST(Lexer, EveryTextEnds) {
  EXPECT_TRUE(rc::check("tokens go on until the end", [](const std::string& text) {
    for (const Expect expect : {Expect::term, Expect::value}) {
      Lexer lexer(text);
      std::size_t before = 0;
      while (true) {
        const Token token = lexer.take(expect);
        RC_ASSERT(token.end <= text.size());
        if (token.kind == TokenKind::end) break;
        RC_ASSERT(token.begin >= before);
        RC_ASSERT(token.end > token.begin);
        before = token.end;
      }
    }
  }));
}

TEST(Lexer, Numbers) {
  for (const char* number : {"0", "-1", "+5", "1.5", "1.", "1e+5", "2.5E-3", "0x1f", "0XFF"})
    EXPECT_TRUE(is_number(number)) << number;
  for (const char* text : {"", "-", "1e5", "0x", "0xg", "a", "1a", "1e+", "--1"})
    EXPECT_FALSE(is_number(text)) << text;
}

}  // namespace
}  // namespace gancho::rules
