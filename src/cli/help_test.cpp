// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/commands.h"

namespace gancho {
namespace {

void expect_narrow(const std::string& page) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << '"' << line << '"';
  }
}

TEST(Help, FitsIn80Columns) {
  expect_narrow(program_help(commands()));
  for (const CommandDesc* command : commands()) expect_narrow(command_help(*command));
}

TEST(Help, ListsEveryCommandButHiddenOnes) {
  const std::string page = program_help(commands());
  for (const CommandDesc* command : commands()) {
    const bool listed = page.find("\n  " + std::string(command->name) + " ") != std::string::npos;
    EXPECT_EQ(listed, !command->hidden) << command->name;
  }
}

TEST(Help, ExplainsEveryOptionAndGivesAnExample) {
  for (const CommandDesc* command : commands()) {
    const std::string page = command_help(*command);
    for (const Parameter& option : command->options) {
      EXPECT_NE(page.find(std::string(long_name(option)) + (option.flag ? "" : " ")),
                std::string::npos);
      EXPECT_FALSE(meaning_of(option).empty()) << command->name << " " << option.names;
      EXPECT_EQ(value_of(option).empty(), option.flag) << command->name << " " << option.names;
    }
    if (!command->hidden) {
      EXPECT_FALSE(command->examples.empty()) << command->name;
    }
    for (const std::string_view example : command->examples) {
      EXPECT_NE(example.find("gancho " + std::string(command->name)), std::string_view::npos)
          << example;
    }
  }
}

TEST(Help, NamesTheWordsAndUnits) {
  const std::string page = command_help(k_watch_command);
  for (const char* piece :
       {"usage: gancho watch EVENT... [OPTION]...", "What to watch, events or groups of them",
        "-o, --output json|text", "(default text)", "(default 2MiB)", "4KiB to 256MiB",
        "Sizes: 4096, 512KiB, 2MiB. Times: 20ms, 10s, 5m, 2h."}) {
    std::string flat = page;
    flat.erase(std::unique(flat.begin(), flat.end(),
                           [](char a, char b) {
                             return (a == ' ' || a == '\n') && (b == ' ' || b == '\n');
                           }),
               flat.end());
    std::ranges::replace(flat, '\n', ' ');
    EXPECT_NE(flat.find(piece), std::string::npos) << piece << "\n" << page;
  }
}

TEST(Help, FitsOnTwoScreens) {
  for (const CommandDesc* command : commands()) {
    const std::string page = command_help(*command);
    EXPECT_LE(std::ranges::count(page, '\n'), 90) << command->name;
  }
}

}  // namespace
}  // namespace gancho
