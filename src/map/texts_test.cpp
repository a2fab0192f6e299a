// SPDX-License-Identifier: Apache-2.0
#include "map/texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "event/room.h"

namespace gancho {
namespace {

TEST(Language, IsThatOfTheFirstVariableThatIsSet) {
  EXPECT_EQ(language_of(nullptr, nullptr, nullptr), Language::english);
  EXPECT_EQ(language_of(nullptr, nullptr, "es_ES.UTF-8"), Language::spanish);
  EXPECT_EQ(language_of(nullptr, nullptr, "es"), Language::spanish);
  EXPECT_EQ(language_of("C", nullptr, "es_MX"), Language::english);
  EXPECT_EQ(language_of("", "es_AR", "en_US"), Language::spanish);
  EXPECT_EQ(language_of(nullptr, nullptr, "est_EE"), Language::english);
}

std::ptrdiff_t sentences(std::string_view text) {
  std::ptrdiff_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ')) ++count;
  return count;
}

TEST(Texts, SayOfEachSubsystemTwoSentencesInBothLanguages) {
  for (std::size_t i = 0; i < k_subsystems; ++i) {
    const SubsystemText& text = text_of(static_cast<Subsystem>(i));
    for (const Language language : {Language::english, Language::spanish}) {
      SCOPED_TRACE(text.title.in(language));
      EXPECT_EQ(sentences(text.says.in(language)), 2);
      EXPECT_FALSE(text.example.in(language).empty());
      EXPECT_FALSE(text.title.in(language).empty());
    }
    EXPECT_NE(text.says.english, text.says.spanish);
    EXPECT_FALSE(text.command.empty());
  }
}

// What they tell to try can be tried.
TEST(Texts, NameEventsThatThereAre) {
  constexpr std::string_view k_watch = "gancho watch ";
  std::size_t seen = 0;
  for (std::size_t i = 0; i < k_subsystems; ++i) {
    std::string_view command = text_of(static_cast<Subsystem>(i)).command;
    if (!command.starts_with(k_watch)) continue;
    command.remove_prefix(k_watch.size());
    while (!command.empty()) {
      const std::string_view word = command.substr(0, command.find(' '));
      EXPECT_NE(events_named(word), EventSet{}) << word;
      command.remove_prefix(std::min(word.size() + 1, command.size()));
      ++seen;
    }
  }
  EXPECT_GE(seen, 4U);
}

TEST(Texts, ThereAreForEachKindCountAndGap) {
  for (const Language language : {Language::english, Language::spanish}) {
    for (std::size_t i = 0; i < k_counts; ++i) {
      EXPECT_FALSE(text_of(static_cast<Count>(i)).in(language).empty());
      EXPECT_FALSE(meaning_of(static_cast<Count>(i)).in(language).empty());
    }
    for (std::size_t i = 0; i < k_place_kinds; ++i)
      EXPECT_FALSE(text_of(static_cast<PlaceKind>(i)).in(language).empty());
    for (const Gap gap : {Gap::types, Gap::symbols, Gap::tracepoints, Gap::traceable,
                          Gap::blacklist, Gap::kprobes, Gap::lsm})
      EXPECT_FALSE(text_of(gap).in(language).empty());
  }
}

}  // namespace
}  // namespace gancho
