// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

#include <gtest/gtest.h>

#include <string>

namespace gancho {
namespace {

struct Read {
  bool whole = false;
  std::vector<YamlNode> documents;
  std::string complaints;
};

Read read(std::string_view text, const YamlOptions& options = {}) {
  Read read;
  Complaints complaints("f");
  read.whole = parse_yaml(text, options, read.documents, complaints);
  if (!complaints.empty()) read.complaints = complaints.error().message;
  return read;
}

TEST(Yaml, RemembersWhereEverythingStood) {
  const Read file = read("a: 1\nbé:\n  - 'x y'\n");
  ASSERT_EQ(file.documents.size(), 1U) << file.complaints;
  const YamlNode& list = file.documents[0].children[1];
  EXPECT_EQ(list.key_at.line, 2U);
  EXPECT_EQ(list.key_at.offset, 5U);
  EXPECT_EQ(list.children[0].text, "x y");
  EXPECT_EQ(list.children[0].at.line, 3U);
  EXPECT_EQ(list.children[0].at.column, 5U);
  EXPECT_EQ(list.children[0].at.offset, 14U);
}

TEST(Yaml, DocumentsWhereTheyAreAskedFor) {
  EXPECT_EQ(read("a\n---\nb\n").complaints, "f:2:1: a second document begins here");
  const Read file = read("a\n---\nb\n", {.documents = true});
  ASSERT_EQ(file.documents.size(), 2U) << file.complaints;
  EXPECT_EQ(file.documents[1].text, "b");
}

TEST(Yaml, AliasesWhereTheyAreAskedFor) {
  const YamlOptions options{.aliases = true};
  const Read file = read("a: &x [1, {k: v}]\nb: *x\nc: &y z\nd: *y\n", options);
  ASSERT_EQ(file.documents.size(), 1U) << file.complaints;
  const auto& children = file.documents[0].children;
  EXPECT_EQ(children[1].key, "b");
  EXPECT_EQ(children[1].children[1].children[0].text, "v");
  EXPECT_EQ(children[3].text, "z");
  EXPECT_EQ(read("a: *x\n", options).whole, false);
  EXPECT_EQ(read("*x : a\n", options).whole, false);
  // Within itself there is nothing to copy yet.
  EXPECT_FALSE(read("a: &x [*x]\n", options).whole);
}

TEST(Yaml, AliasesCountAsIfWrittenOut) {
  std::string text = "a0: &x0 [v, v, v, v, v, v, v, v]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*x" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + before + ", " + before +
            ", " + before + ", " + before + "]\n";
  }
  EXPECT_NE(read(text, {.aliases = true}).complaints.find("more than 10000 values"),
            std::string::npos);
  std::string large = "a: &x " + std::string(1000, 'x') + "\nb: [*x";
  for (int i = 0; i < 2000; ++i) large += ", *x";
  EXPECT_NE(read(large + "]\n", {.aliases = true}).complaints.find("aliases make this too large"),
            std::string::npos);
}

TEST(Yaml, APlainValueMayBeginWithPercent) {
  const YamlOptions options{.percent = true};
  EXPECT_FALSE(read("a: %x\n").whole);
  const Read plain =
      read("a: %x y%z\nb: ['%{', \"%q\"]\nc: >\n  %d\n  100%\nd:\n  %e\ne: %{ i.t }\n", options);
  ASSERT_TRUE(plain.whole) << plain.complaints;
  const auto& children = plain.documents[0].children;
  EXPECT_EQ(children[0].text, "%x y%z");
  EXPECT_EQ(children[1].children[0].text, "%{");
  EXPECT_EQ(children[1].children[1].text, "%q");
  EXPECT_EQ(children[2].text, "%d 100%\n");
  EXPECT_EQ(children[3].text, "%e");
  EXPECT_EQ(children[4].text, "%{ i.t }");
  EXPECT_EQ(children[0].at.column, 4U);
}

TEST(Yaml, WhoGivesAKeyTwiceIsTold) {
  Complaints complaints("f");
  std::vector<YamlNode> documents;
  EXPECT_TRUE(parse_yaml("a: 1\na: 2\n", {}, documents, complaints));
  ASSERT_EQ(complaints.kept().size(), 1U);
  EXPECT_TRUE(complaints.kept()[0].repeated_key);
  EXPECT_EQ(documents[0].children.size(), 1U);
  EXPECT_EQ(documents[0].children[0].text, "1");
}

TEST(Yaml, WhatIsNoTextIsFoundWhereItStands) {
  for (const char* text : {"a: b\n# \xc3\xa9 \xe9\n", "a: b\n# \xc3\xa9 \x01\n"}) {
    Complaints complaints("f");
    std::vector<YamlNode> documents;
    EXPECT_FALSE(parse_yaml(text, {}, documents, complaints));
    ASSERT_EQ(complaints.kept().size(), 1U);
    EXPECT_EQ(complaints.kept()[0].at.line, 2U);
    EXPECT_EQ(complaints.kept()[0].at.column, 5U);
    EXPECT_EQ(complaints.kept()[0].at.offset, 10U);
  }
}

TEST(Yaml, BracketsOfCommentsAreForgottenAtTheNextEntry) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "# [[\n- a\n";
  EXPECT_TRUE(read(text).whole);
  EXPECT_EQ(read(std::string(20, '[')).complaints, "f:1:17: too many brackets inside each other");
}

}  // namespace
}  // namespace gancho
