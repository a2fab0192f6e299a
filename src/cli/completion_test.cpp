// SPDX-License-Identifier: Apache-2.0
//
// Drives the scripts in the shells that they are for.
#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/commands.h"

namespace gancho {
namespace {

using testing::IsSupersetOf;
using Words = std::vector<std::string>;

class Completion : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "gancho_completion_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  // The lines that a shell command prints; its status goes to `status`.
  static Words lines_of(const std::string& command, int& status) {
    Words lines;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return lines;
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
      lines.emplace_back(line.data());
      if (lines.back().ends_with('\n')) lines.back().pop_back();
    }
    status = ::pclose(pipe);
    return lines;
  }

  // What bash offers for the last of `words`, in the folder of this test.
  Words offered(const Words& words) {
    std::string list;
    for (const std::string& word : words) list += " '" + word + "'";
    const std::string script = write("complete.bash", bash_completion(commands()));
    const std::string driver = write(
        "drive.bash", "cd " + folder_ + "\nset -u\nsource " + script +
                          "\ncomplete -p gancho | grep -q -- '-F _gancho gancho' || exit 9\n"
                          "COMP_WORDS=(" +
                          list + ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                          "\n_gancho gancho\n"
                          "((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"\nexit 0\n");
    int status = -1;
    Words lines = lines_of("bash --norc --noprofile " + driver + " 2>&1", status);
    EXPECT_EQ(status, 0);
    std::ranges::sort(lines);
    return lines;
  }

  std::string folder_;
};

TEST_F(Completion, BashOffersCommands) {
  Words expected{"--help", "--version", "-V", "-h"};
  for (const CommandDesc* command : commands()) {
    if (!command->hidden) expected.emplace_back(command->name);
  }
  std::ranges::sort(expected);
  EXPECT_EQ(offered({"gancho", ""}), expected);
  EXPECT_EQ(offered({"gancho", "wa"}), (Words{"watch"}));
  EXPECT_EQ(offered({"gancho", "worker"}), Words{});
}

TEST_F(Completion, BashOffersEveryOptionOfEveryCommand) {
  for (const CommandDesc* command : commands()) {
    if (command->hidden) continue;
    Words expected{"--help"};
    for (const Parameter& option : command->options) expected.emplace_back(long_name(option));
    std::ranges::sort(expected);
    EXPECT_EQ(offered({"gancho", std::string(command->name), "--"}), expected) << command->name;
  }
}

TEST_F(Completion, BashOffersFilesBehindTheFirstWord) {
  write("rules.yaml", "");
  EXPECT_EQ(offered({"gancho", "policy", ""}),
            (Words{"check", "explain", "fields", "list", "test"}));
  EXPECT_EQ(offered({"gancho", "policy", "check", "rul"}), (Words{"rules.yaml"}));
  EXPECT_EQ(offered({"gancho", "policy", "list", "rules.yaml", "rul"}), (Words{"rules.yaml"}));
  EXPECT_EQ(offered({"gancho", "policy", "fields", "ex"}), (Words{"exec", "existing", "exit"}));
}

TEST_F(Completion, BashOffersEventsAndValues) {
  EXPECT_THAT(offered({"gancho", "watch", ""}),
              IsSupersetOf(Words{"exec", "exit", "fork", "process"}));
  EXPECT_EQ(offered({"gancho", "watch", "exec", "ex"}), (Words{"exec", "existing", "exit"}));
  // As bash takes words apart, and as it does with colons out of COMP_WORDBREAKS.
  EXPECT_EQ(offered({"gancho", "watch", "sysc"}), (Words{"syscall:"}));
  EXPECT_EQ(offered({"gancho", "watch", "exec", "syscall", ":", "unam"}), (Words{"uname"}));
  EXPECT_THAT(offered({"gancho", "watch", "syscall", ":"}), IsSupersetOf(Words{"mount", "uname"}));
  EXPECT_EQ(offered({"gancho", "watch", "syscall:unam"}), (Words{"syscall:uname"}));
  EXPECT_EQ(offered({"gancho", "watch", "-o", ""}), (Words{"json", "text"}));
  EXPECT_EQ(offered({"gancho", "watch", "--output", "j"}), (Words{"json"}));
  EXPECT_EQ(offered({"gancho", "watch", "--output", "="}), (Words{"json", "text"}));
  EXPECT_EQ(offered({"gancho", "watch", "--output", "=", "te"}), (Words{"text"}));
  EXPECT_EQ(offered({"gancho", "watch", "--failed-exec", ""}), (Words{"auto", "tracepoint"}));
  EXPECT_EQ(offered({"gancho", "check", "--color", "a"}), (Words{"always", "auto"}));
  EXPECT_EQ(offered({"gancho", "watch", "--count", ""}), Words{});
  EXPECT_EQ(offered({"gancho", "docs", ""}), (Words{"config", "events", "fields", "hooks"}));
  EXPECT_EQ(offered({"gancho", "completion", "f"}), (Words{"fish"}));
  EXPECT_EQ(offered({"gancho", "watch", "--pid", std::to_string(::getpid())}),
            (Words{std::to_string(::getpid())}));
}

TEST_F(Completion, BashOffersTheNextOfAList) {
  EXPECT_EQ(offered({"gancho", "watch", "--fields", "proc.exep"}), (Words{"proc.exepath"}));
  EXPECT_EQ(offered({"gancho", "watch", "--fields", "evt.time,proc.exep"}),
            (Words{"evt.time,proc.exepath"}));
  EXPECT_THAT(offered({"gancho", "replay", "--fields", "=", "evt.time,"}),
              IsSupersetOf(Words{"evt.time,evt.res", "evt.time,proc.pid"}));
}

TEST_F(Completion, BashOffersFiles) {
  write("my recording.rec", "");
  write("mine.rec", "");
  write("other.rec", "");
  EXPECT_EQ(offered({"gancho", "replay", "m"}), (Words{"mine.rec", "my recording.rec"}));
  EXPECT_EQ(offered({"gancho", "run", "--config", "o"}), (Words{"other.rec"}));
  EXPECT_EQ(offered({"gancho", "watch", "--record", "o"}), (Words{"other.rec"}));
}

TEST_F(Completion, ZshAndFishKnowEveryOptionAndWord) {
  const std::string zsh = zsh_completion(commands());
  const std::string fish = fish_completion(commands());
  for (const CommandDesc* command : commands()) {
    const std::string name(command->name);
    EXPECT_EQ(zsh.find("\n        '" + name + ":") != std::string::npos, !command->hidden) << name;
    EXPECT_EQ(fish.find(" -a " + name + " ") != std::string::npos, !command->hidden) << name;
    if (command->hidden) continue;
    for (const Parameter& option : command->options) {
      EXPECT_NE(zsh.find(std::string(long_name(option)) + (option.flag ? "" : "=") +
                         (short_name(option).empty() ? "[" : "}'[")),
                std::string::npos)
          << option.names;
      EXPECT_NE(
          fish.find("_from " + name + "' -l " + std::string(long_name(option).substr(2)) + " "),
          std::string::npos)
          << option.names;
    }
  }
  EXPECT_NE(zsh.find("'*:EVENT:(process "), std::string::npos);
  EXPECT_NE(fish.find("'__fish_seen_subcommand_from watch' -a 'process "), std::string::npos);
}

TEST_F(Completion, ZshAndFishAcceptTheirScripts) {
  int status = -1;
  bool any = false;
  for (const auto& [shell, script] :
       {std::pair{"zsh", zsh_completion(commands())}, {"fish", fish_completion(commands())}}) {
    lines_of(std::string("command -v ") + shell, status);
    if (status != 0) continue;
    any = true;
    const Words complaints =
        lines_of(std::string(shell) + " -n " + write(shell, script) + " 2>&1", status);
    EXPECT_EQ(status, 0) << shell;
    EXPECT_EQ(complaints, Words{}) << shell;
  }
  if (!any) GTEST_SKIP() << "neither zsh nor fish is installed";
}

}  // namespace
}  // namespace gancho
