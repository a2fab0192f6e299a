// SPDX-License-Identifier: Apache-2.0
#include "rules/path_glob.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace gancho::rules {
namespace {

bool fits(std::string_view path, std::string_view glob) {
  const re2::RE2 regex(path_glob_regex(glob), re2::RE2::Latin1);
  EXPECT_TRUE(regex.ok()) << glob << ": " << regex.error();
  return re2::RE2::FullMatch({path.data(), path.size()}, regex);
}

TEST(PathGlob, IsOneWithStarsQuestionMarksAndBrackets) {
  EXPECT_TRUE(is_path_glob("/srv/*/log"));
  EXPECT_TRUE(is_path_glob("/srv/dat?"));
  EXPECT_TRUE(is_path_glob("/srv/[ab]"));
  EXPECT_FALSE(is_path_glob("/srv/data"));
}

TEST(PathGlob, NamesAPathAndWhatLiesBelow) {
  EXPECT_TRUE(fits("/srv/a/log", "/srv/*/log"));
  EXPECT_TRUE(fits("/srv/a/log/today", "/srv/*/log"));
  EXPECT_TRUE(fits("/srv/a/log/", "/srv/*/log/"));
  EXPECT_FALSE(fits("/srv/a/logs", "/srv/*/log"));
  EXPECT_TRUE(fits("/srv/a\nb/log", "/srv/*/log"));
}

TEST(PathGlob, NothingStandsForASlash) {
  EXPECT_FALSE(fits("/srv/a/b/log", "/srv/*/log"));
  EXPECT_FALSE(fits("/srv/data", "/srv?data"));
  EXPECT_FALSE(fits("/srv/data", "/srv[!a]data"));
  EXPECT_FALSE(fits("/srv/data", "/srv[+-9]data"));
  EXPECT_TRUE(fits("/srv-data", "/srv[+-9]data"));
}

TEST(PathGlob, NoPartIsEmpty) {
  EXPECT_FALSE(fits("/srv/", "/srv/*"));
  EXPECT_FALSE(fits("/srv", "/srv/*"));
  EXPECT_TRUE(fits("/srv/a", "/srv/*"));
  EXPECT_TRUE(fits("/srv/a/b", "/srv/**/b"));
  EXPECT_TRUE(fits("/srv/a", "/srv/a*"));
}

// Beside a pattern in one list.
TEST(PathGlob, TheRootIsNoPathThatIsEmpty) {
  EXPECT_TRUE(fits("/", "/"));
  EXPECT_TRUE(fits("/srv", "/"));
  EXPECT_FALSE(fits("", "/"));
  EXPECT_TRUE(fits("srv", "/"));
}

TEST(PathGlob, TheFirstSlashDoesNotCount) {
  EXPECT_TRUE(fits("/srv/a", "srv/*"));
  EXPECT_TRUE(fits("srv/a", "/srv/*"));
  EXPECT_TRUE(fits("/srv/a", "*"));
  EXPECT_FALSE(fits("/", "*"));
  EXPECT_FALSE(fits("/a/srv/b", "srv/*"));
}

TEST(PathGlob, BracketsAreThoseOfGlob) {
  EXPECT_TRUE(fits("/srv/b", "/srv/[a-c]"));
  EXPECT_FALSE(fits("/srv/d", "/srv/[a-c]"));
  EXPECT_TRUE(fits("/srv/d", "/srv/[!a-c]"));
  EXPECT_TRUE(fits("/srv/]", "/srv/[]a]"));
  EXPECT_TRUE(fits("/srv/7", "/srv/[[:digit:]]"));
  // Not closed: like any other.
  EXPECT_TRUE(fits("/srv/[a", "/srv/[a"));
  EXPECT_TRUE(fits("/srv/[a/b]", "/srv/[a/b]"));
}

TEST(PathGlob, WhatIsNoPatternIsNoneOfTheRegexEither) {
  EXPECT_TRUE(fits("/srv/a.b+(c)|d$/x", "/srv/a.b+(c)|d$/?"));
  EXPECT_FALSE(fits("/srv/aXb/x", "/srv/a.b/?"));
  EXPECT_TRUE(fits("/srv/*/x", "/srv/\\*/?"));
  EXPECT_FALSE(fits("/srv/a/x", "/srv/\\*/?"));
  EXPECT_TRUE(fits("/srv/\xff/x", "/srv/\xff/?"));
}

}  // namespace
}  // namespace gancho::rules
