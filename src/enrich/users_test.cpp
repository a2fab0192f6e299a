// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(UserTable, ReadsBothFiles) {
  const UserTable table =
      UserTable::parse("root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/:/bin/sh\n",
                       "root:x:0:\nstaff:x:50:alice\n");
  EXPECT_EQ(table.user(0), "root");
  EXPECT_EQ(table.user(1000), "alice");
  EXPECT_EQ(table.user(50), "");
  EXPECT_EQ(table.group(50), "staff");
  EXPECT_EQ(table.group(1000), "");
}

TEST(UserTable, PassesOverBrokenLines) {
  const UserTable table = UserTable::parse(
      "\n"
      "# comment:x:1:\n"
      "+nis:x:2:::\n"
      "short\n"
      "two:x\n"
      "word:x:seven:7\n"
      "negative:x:-8:8\n"
      "huge:x:4294967296:1\n"
      "trailing:x:9z:9\n"
      ":x:10:10\n"
      "last:x:4294967294:1",
      "");
  EXPECT_EQ(table.users(), (std::vector<IdName>{{4294967294u, "last"}}));
}

TEST(UserTable, TheFirstOfSeveralNamesCounts) {
  const UserTable table = UserTable::parse("root:x:0:0\ntoor:x:0:0\nadm:x:3:3\n", "");
  EXPECT_EQ(table.user(0), "root");
  EXPECT_EQ(table.user(3), "adm");
}

TEST(UserTable, SurvivesARecording) {
  const UserTable live = UserTable::parse("b:x:2:2\na:x:1:1\n", "g:x:7:\n");
  const UserTable replayed = UserTable::from_names(live.users(), live.groups());
  EXPECT_EQ(replayed.user(1), "a");
  EXPECT_EQ(replayed.user(2), "b");
  EXPECT_EQ(replayed.group(7), "g");
  EXPECT_EQ(replayed.group(8), "");
}

}  // namespace
}  // namespace gancho
