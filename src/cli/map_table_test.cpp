// SPDX-License-Identifier: Apache-2.0
#include "cli/map_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/columns.h"

namespace gancho {
namespace {

TEST(MapTable, ColumnsAreAsWideAsTheirCells) {
  MapTable table(80);
  table.row({"lsm", "file_open", "who"});
  table.row({"function", "ñandú", "whoever"});
  table.row({"xdp", "eth0", ""});
  EXPECT_EQ(table.draw(),
            "  lsm       file_open  who\n"
            "  function  ñandú      whoever\n"
            "  xdp       eth0\n");
}

TEST(MapTable, AnEmptyColumnTakesNoRoom) {
  MapTable table(80);
  table.row({"lsm", "", "41 a", "", "who"});
  EXPECT_EQ(table.draw(), "  lsm  41 a  who\n");
}

TEST(MapTable, WhatFollowsALongNameStaysInItsColumn) {
  const std::string name(60, 'n');
  MapTable table(200);
  table.row({"function", "vfs_read", "41 a", "who"});
  table.row({"function", name, "42 b", "whoever"});
  table.row({"function", name, "", ""});
  const std::string long_row = "  function  " + name + "\n";
  EXPECT_EQ(table.draw(), "  function  vfs_read      41 a  who\n" + long_row +
                              "                          42 b  whoever\n" + long_row);
}

TEST(MapTable, TheWidestColumnGivesWayAndTheLastIsWrappedUnderItself) {
  MapTable table(60);
  table.row(
      {"function", std::string(40, 'n'), "some words that need more than the rest of a line"});
  table.row({"lsm", "short", "words"});
  EXPECT_EQ(table.draw(),
            "  function  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n"
            "                                    some words that need\n"
            "                                    more than the rest of a\n"
            "                                    line\n"
            "  lsm       short                   words\n");
}

TEST(MapTable, OnANarrowPageTheLastCellsHaveLinesOfTheirOwn) {
  MapTable table(52);
  table.row(
      {"kprobe", std::string(24, 'a'), std::string(18, 'b'), "whoever[1234] in 3f2a91bc0d1e"});
  table.row({"xdp", "eth0", "41 b", "who"});
  EXPECT_EQ(table.draw(),
            "  kprobe  aaaaaaaaaaaaaaaaaaaaaaaa\n"
            "                                bbbbbbbbbbbbbbbbbb\n"
            "          whoever[1234] in 3f2a91bc0d1e\n"
            "  xdp     eth0                  41 b\n"
            "          who\n");
}

TEST(MapTable, AWordThatFitsNowhereBesideTheOthersBeginsFurtherLeft) {
  MapTable table(60);
  table.row({"kprobe", "vfs_read", "41 count_reads", "pinned /sys/fs/bpf/of/somebody/count_reads"});
  EXPECT_EQ(table.draw(),
            "  kprobe  vfs_read  41 count_reads\n"
            "          pinned /sys/fs/bpf/of/somebody/count_reads\n");
}

TEST(MapTable, LinesBetweenRowsStayThereAndTheRestGoesBelow) {
  MapTable table(40);
  table.text("title\n");
  table.row({"kprobe", "2 places", "41 a", ""}, "one two three four five six seven");
  EXPECT_EQ(table.draw(),
            "title\n"
            "  kprobe  2 places  41 a\n"
            "          one two three four five six\n"
            "          seven\n");
  EXPECT_EQ(MapTable(80).draw(), "");
}

// Of names that have room, on any page.
TEST(MapTable, NoLineIsWiderThanThePageNorEndsInBlanks) {
  for (std::size_t width = 40; width <= 200; ++width) {
    MapTable table(width);
    for (std::size_t i = 0; i < 40; ++i)
      table.row({std::string(1 + i % 9, 'a'), std::string(1 + i * 7 % 25, 'b'),
                 std::string(1 + i * 5 % 19, 'c'), std::string(i * 3 % 15, 'd'),
                 i % 3 == 0 ? "" : "words of which each is short"},
                i % 5 == 0 ? "some more words" : "");
    std::string text = table.draw();
    while (!text.empty()) {
      const std::string line = text.substr(0, text.find('\n'));
      text.erase(0, line.size() + 1);
      ASSERT_LE(columns_of(line), width) << line;
      ASSERT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

}  // namespace
}  // namespace gancho
