// SPDX-License-Identifier: Apache-2.0
#include "attached/standing.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(Standing, IsWhatKeepsTheProgram) {
  Attached attached;
  for (const std::uint32_t id : {1U, 2U, 3U, 4U, 5U}) attached.programs[id].id = id;
  attached.attachments.emplace_back().program = 1;
  attached.programs[2].holders.pins = {"/sys/fs/bpf/two"};
  attached.programs[3].holders.owners.emplace_back().pid = 7;
  attached.links[9].program = 4;
  EXPECT_EQ(standing_of(attached, attached.programs[1]), Standing::attached);
  EXPECT_EQ(standing_of(attached, attached.programs[2]), Standing::loaded_only);
  EXPECT_EQ(standing_of(attached, attached.programs[3]), Standing::loaded_only);
  EXPECT_EQ(standing_of(attached, attached.programs[4]), Standing::loaded_only);
  EXPECT_EQ(standing_of(attached, attached.programs[5]), Standing::kept_unseen);
}

}  // namespace
}  // namespace gancho
