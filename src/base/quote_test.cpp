// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(InQuotes, ShowsTextAsItIs) {
  EXPECT_EQ(in_quotes("out_put"), "\"out_put\"");
  EXPECT_EQ(in_quotes("ma\u00f1ana"), "\"ma\u00f1ana\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
}

TEST(InQuotes, DisarmsWhatSteersATerminal) {
  EXPECT_EQ(in_quotes("a\x1b[2Jb\n"), "\"a\\x1b[2Jb\\x0a\"");
  EXPECT_EQ(in_quotes("\xff"), "\"\\xff\"");
  EXPECT_EQ(in_quotes("\xc2\x9b"), "\"\\xc2\\x9b\"");
  EXPECT_EQ(in_quotes(std::string_view("\0", 1)), "\"\\x00\"");
  EXPECT_EQ(in_quotes("say \"hi\" \\"), "\"say \\\"hi\\\" \\\\\"");
}

TEST(InQuotes, CutsWhatIsLong) {
  const std::string out = in_quotes(std::string(1 << 20, 'a'));
  EXPECT_LT(out.size(), 80U);
  EXPECT_TRUE(out.ends_with("a...\"")) << out;
}

}  // namespace
}  // namespace gancho
