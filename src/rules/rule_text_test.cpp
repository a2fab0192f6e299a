// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_text.h"

#include <gtest/gtest.h>

namespace gancho::rules {
namespace {

TEST(RuleText, CountsLinesAndCharacters) {
  const RuleText text("aé\nbcd");
  EXPECT_EQ(text.span(0, 1), (Span{0, 1, 1, 1}));
  EXPECT_EQ(text.span(1, 3), (Span{0, 1, 2, 1}));
  EXPECT_EQ(text.span(0, 3), (Span{0, 1, 1, 2}));
  EXPECT_EQ(text.span(4, 7), (Span{0, 2, 1, 3}));
}

TEST(RuleText, WhatGoesOnInAnotherLineIsShownToTheEndOfItsOwn) {
  const RuleText text("one two\nthree");
  EXPECT_EQ(text.span(4, 13), (Span{0, 1, 5, 4}));
}

TEST(RuleText, KnowsWherePiecesStood) {
  RuleText text;
  text.add("proc.name", {.file = 3, .line = 7, .column = 20});
  text.add(" ", {.file = 3, .line = 7, .column = 29});
  text.add("exists", {.file = 3, .line = 8, .column = 5});
  EXPECT_EQ(text.text(), "proc.name exists");
  EXPECT_EQ(text.span(5, 9), (Span{3, 7, 25, 4}));
  EXPECT_EQ(text.span(10, 16), (Span{3, 8, 5, 6}));
}

TEST(RuleText, IsContinuedFromAnotherFile) {
  RuleText text("a", {.file = 0, .line = 4, .column = 2});
  text.append(RuleText("and b", {.file = 1, .line = 9, .column = 3}));
  EXPECT_EQ(text.text(), "a and b");
  EXPECT_EQ(text.span(2, 5), (Span{1, 9, 3, 3}));
  EXPECT_EQ(text.span(6, 7), (Span{1, 9, 7, 1}));
}

TEST(RuleText, NothingHasNoPlace) {
  EXPECT_EQ(RuleText().span(), Span{});
}

}  // namespace
}  // namespace gancho::rules
