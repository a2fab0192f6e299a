// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

#include <array>

namespace gancho {
namespace {

constexpr auto k_known =
    std::to_array<std::string_view>({"exec", "fork", "exit", "output", "record", "-o"});

TEST(Nearest, FindsTypingErrors) {
  EXPECT_EQ(nearest("out_put", k_known), "output");
  EXPECT_EQ(nearest("frok", k_known), "fork");
  EXPECT_EQ(nearest("exce", k_known), "exec");
  EXPECT_EQ(nearest("EXIT", k_known), "exit");
  EXPECT_EQ(nearest("rec", k_known), "record");
  EXPECT_EQ(nearest("outpu", k_known), "output");
}

TEST(Nearest, SaysNothingRatherThanNonsense) {
  EXPECT_EQ(nearest("open", k_known), "");
  EXPECT_EQ(nearest("", k_known), "");
  EXPECT_EQ(nearest("-x", std::array<std::string_view, 1>{"-o"}), "-o");
  EXPECT_EQ(nearest("x", std::array<std::string_view, 1>{"o"}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'e'), k_known), "");
  EXPECT_EQ(nearest("exec", {}), "");
}

TEST(Nearest, WordsTheSuggestion) {
  EXPECT_EQ(did_you_mean("frok", k_known), "; did you mean \"fork\"?");
  EXPECT_EQ(did_you_mean("socket", k_known), "");
}

TEST(FirstWords, OfManyOnlyTheFirst) {
  const std::vector<std::string_view> few{"a", "b", "c"};
  EXPECT_EQ(first_words(few), "a, b, c");
  const std::vector<std::string_view> many(20, "x");
  EXPECT_EQ(first_words(many), "x, x, x, x, x, x, x, x and 12 more");
  EXPECT_EQ(first_words({}), "");
}

}  // namespace
}  // namespace gancho
