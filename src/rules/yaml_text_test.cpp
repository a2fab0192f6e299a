// SPDX-License-Identifier: Apache-2.0
#include "rules/yaml_text.h"

#include <gtest/gtest.h>

#include <string>

namespace gancho::rules {
namespace {

// Every character of the value that is not blank must be found in the file where its span says. An
// escape stands for what it is.
void expect_in_place(const std::string& file, const std::string& value) {
  const Source source("f", file);
  Complaints complaints("f");
  std::vector<YamlNode> documents;
  ASSERT_TRUE(parse_yaml(file, {.aliases = true, .percent = true}, documents, complaints))
      << complaints.error().message << "\n"
      << file;
  const YamlNode& node = documents.at(0).children.at(0);
  ASSERT_EQ(node.text, value) << file;
  const RuleText text = text_of(node, 0, source);
  ASSERT_EQ(text.text(), value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ' ' || value[i] == '\n' || value[i] == '\t') continue;
    if ((static_cast<unsigned char>(value[i]) & 0xc0) == 0x80) continue;
    const Span at = text.span(i, i + 1);
    const std::string_view line = source.line(at.line);
    std::size_t byte = 0;
    for (std::uint32_t column = 1; column < at.column; ++column) do
        ++byte;
      while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xc0) == 0x80);
    ASSERT_LT(byte, line.size()) << file << " at " << i;
    EXPECT_TRUE(line[byte] == value[i] || line[byte] == '\\')
        << file << ": '" << value[i] << "' at " << at.line << ":" << at.column;
  }
}

TEST(YamlText, EveryStyle) {
  expect_in_place("k: plain  text\n", "plain  text");
  expect_in_place("k: plain\n  in two\n\n  lines # and a comment\n", "plain in two\nlines");
  expect_in_place("k: 'it''s a\n\n  quote'\n", "it's a\nquote");
  expect_in_place("k: \"a \\\"b\\\" \\\\ \\x41 \\u00e9z\\n  c\\\n    d\n  e\"\n",
                  "a \"b\" \\ A éz\n  cd e");
  expect_in_place("k: >\n  folded\n  line\n\n    more indented\n  last\n",
                  "folded line\n\n  more indented\nlast\n");
  expect_in_place("k: |2-\n   literal\n  b\n\n\n  c\n", " literal\nb\n\n\nc");
  expect_in_place("k: >- # comment\n\n  é and ü\n  b\n", "\né and ü b");
  expect_in_place("k: &anchor value\n", "value");
  expect_in_place("k: %proc.name %\n", "%proc.name %");
  expect_in_place("\xef\xbb\xbfk: value\n", "value");
}

}  // namespace
}  // namespace gancho::rules
