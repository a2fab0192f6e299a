// SPDX-License-Identifier: Apache-2.0
#include "rules/text_probe.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace gancho::rules {
namespace {

std::set<Index> found(const TextProbe& probe, std::string_view text) {
  std::set<Index> rules;
  probe.for_each(text, [&](Index rule) { rules.insert(rule); });
  return rules;
}

TextProbe probe_of(TextPart part, const std::vector<std::string>& texts) {
  TextProbe probe(part);
  for (Index i = 0; i < texts.size(); ++i) probe.add(texts[i], i);
  probe.finish();
  return probe;
}

bool knows(TextPart part, std::string_view text, const std::string& known) {
  switch (part) {
    case TextPart::whole:
      return text == known;
    case TextPart::beginning:
      return text.starts_with(known);
    case TextPart::end:
      return text.ends_with(known);
    case TextPart::path: {
      TextSet one;
      one.emplace(known);
      return has_path_prefix(text, one);
    }
    case TextPart::inside:
      return contains_letters(text, lowered(known));
  }
  return false;
}

TEST(TextProbe, BeginningsWithinBeginnings) {
  const std::vector<std::string> texts{"/etc", "/etc/ssh", "/", "/etc/shadow", ""};
  const TextProbe probe = probe_of(TextPart::beginning, texts);
  EXPECT_EQ(found(probe, "/etc/ssh/key"), (std::set<Index>{0, 1, 2, 4}));
  EXPECT_EQ(found(probe, "/etc/shadom"), (std::set<Index>{0, 2, 4}));
  EXPECT_EQ(found(probe, "relative"), (std::set<Index>{4}));
}

TEST(TextProbe, FoldersEndAtASlash) {
  const std::vector<std::string> texts{"etc", "etc/ssh"};
  const TextProbe probe = probe_of(TextPart::path, texts);
  EXPECT_EQ(found(probe, "/etc/sshd"), (std::set<Index>{0}));
  EXPECT_EQ(found(probe, "/etc/ssh/"), (std::set<Index>{0, 1}));
  EXPECT_EQ(found(probe, "/etcetera"), (std::set<Index>{}));
  EXPECT_EQ(found(probe, ""), (std::set<Index>{}));
}

TEST(TextProbe, BytesAboveTheAsciiOnes) {
  const std::vector<std::string> texts{"\xc3\xa9", "z\xc3\xa9", "\xff"};
  const TextProbe probe = probe_of(TextPart::end, texts);
  EXPECT_EQ(found(probe, "az\xc3\xa9"), (std::set<Index>{0, 1}));
  EXPECT_EQ(found(probe, "\x7f\xff"), (std::set<Index>{2}));
}

RC_GTEST_PROP(TextProbe, FindsWhatEachTextWouldFindAlone, ()) {
  // Few letters, so that texts begin and end with each other.
  const auto letters = rc::gen::container<std::string>(rc::gen::element('/', 'a', 'A', '\xff'));
  const auto part = *rc::gen::element(TextPart::whole, TextPart::beginning, TextPart::end,
                                      TextPart::path, TextPart::inside);
  std::vector<std::string> texts = *rc::gen::container<std::vector<std::string>>(letters);
  // As they are kept of a condition.
  if (part == TextPart::path)
    for (std::string& text : texts) text = std::string(as_path_prefix(text));
  if (part == TextPart::inside)
    for (std::string& text : texts) text.resize(std::max(text.size(), k_fragment_min), 'A');
  const TextProbe probe = probe_of(part, texts);
  const std::string text = *letters;
  std::set<Index> expected;
  for (Index i = 0; i < texts.size(); ++i)
    if (knows(part, text, texts[i])) expected.insert(i);
  RC_ASSERT(found(probe, text) == expected);
}

RC_GTEST_PROP(TextHash, IsOfTheTextAlone, (const std::string& text)) {
  const std::string copy = "x" + text;
  RC_ASSERT(hash_bytes(text) == hash_bytes(std::string_view(copy).substr(1)));
}

}  // namespace
}  // namespace gancho::rules
