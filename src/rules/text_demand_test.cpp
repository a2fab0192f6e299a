// SPDX-License-Identifier: Apache-2.0
#include "rules/text_demand.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "rules/text_match.h"

namespace gancho::rules {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(PiecesOfGlob, StandBetweenWhatIsSpecial) {
  EXPECT_EQ(pieces_of_glob("/etc/ssh/host_*_key"), (Pieces{"/etc/ssh/host_", "_key"}));
  EXPECT_EQ(pieces_of_glob("*/.ssh/id_?"), (Pieces{"", "/.ssh/id_", ""}));
  EXPECT_EQ(pieces_of_glob("plain"), (Pieces{"plain"}));
  EXPECT_EQ(pieces_of_glob(""), (Pieces{""}));
}

TEST(PiecesOfGlob, BracketsAndBackslashes) {
  EXPECT_EQ(pieces_of_glob("a[xyz]lib"), (Pieces{"a", "lib"}));
  EXPECT_EQ(pieces_of_glob("ab["), (Pieces{"ab["}));
  EXPECT_EQ(pieces_of_glob("[]x]"), (Pieces{"", ""}));
  EXPECT_EQ(pieces_of_glob("a\\*bc"), (Pieces{"a", "*bc"}));
  EXPECT_EQ(pieces_of_glob("ab\\"), (Pieces{"ab", ""}));
}

RC_GTEST_PROP(PiecesOfGlob, StandInEachTextThatFits, ()) {
  // Few letters, so that texts fit.
  const auto some = [](auto... letters) {
    return rc::gen::container<std::string>(rc::gen::element(letters...));
  };
  const std::string pattern = *some('a', 'b', '*', '?', '[', ']', '!', '\\');
  const Pieces pieces = pieces_of_glob(pattern);
  for (int i = 0; i < 20; ++i) {
    const std::string text = *some('a', 'b', '*', '[', '\\');
    if (!matches_glob(text, pattern, false)) continue;
    RC_ASSERT(text.starts_with(pieces.front()));
    RC_ASSERT(text.ends_with(pieces.back()));
    for (const std::string_view piece : pieces) RC_ASSERT(contains_bytes(text, piece));
  }
}

}  // namespace
}  // namespace gancho::rules
