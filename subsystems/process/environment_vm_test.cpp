// SPDX-License-Identifier: Apache-2.0
//
// Environments are read when somebody asks for them only: which askers there are, of whom they are
// known then, and that nobody else has them in his records. What they hold is compared for every
// exec of the truth test (process_vm_test.cpp).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>

#include "base/fd.h"
#include "support/agent.h"
#include "support/exec_stage.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using Setting = std::vector<std::string>;  // of the command line

constexpr const char* k_wanted = "GANCHO_TEST=one two";

// A shell that executed with an environment, and does what it is told.
class Shell {
 public:
  explicit Shell(const Words& environment) {
    std::array<int, 2> commands{};
    std::array<int, 2> executed{};
    must(::pipe2(commands.data(), O_CLOEXEC) == 0 && ::pipe2(executed.data(), O_CLOEXEC) == 0,
         "pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(commands[0], STDIN_FILENO);
      exec_file("/bin/busybox", {"sh"}, environment);
      ::_exit(1);
    }
    ::close(commands[0]);
    ::close(executed[1]);
    commands_ = Fd(commands[1]);
    const Fd end(executed[0]);
    char byte = 0;
    (void)!::read(end.get(), &byte, 1);  // closed by the exec
  }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;
  ~Shell() {
    commands_ = {};
    ::waitpid(pid_, nullptr, 0);
  }
  void tell(std::string command) const {
    command += '\n';
    must(::write(commands_.get(), command.data(), command.size()) ==
             static_cast<ssize_t>(command.size()),
         "tell");
  }

 private:
  pid_t pid_ = -1;
  Fd commands_;
};

void run_with(const Words& environment, const std::string& path = target_path()) {
  const pid_t child = ::fork();
  if (child == 0) {
    exec_file(path, {"t"}, environment);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

// The exec records of exec_target that an agent shows, of which there is to be one.
Event shown_by(const Setting& more, const Words& environment) {
  Setting command{"watch", "exec", "-o", "json"};
  command.insert(command.end(), more.begin(), more.end());
  Agent agent(command);
  run_with(environment);
  const auto is_target = [](const Event& event) { return text_of(event, "proc.name") == "target"; };
  const auto events =
      agent.wait_for([&](const auto& now) { return std::ranges::any_of(now, is_target); });
  agent.stop();
  return *std::ranges::find_if(events, is_target);
}

TEST(Environment, IsShownToThoseWhoAsk) {
  const Words environment{k_wanted, "EMPTY=", "\xff\x01=\n", "no sign of equality"};
  const Event where = shown_by({"--where", "proc.env[GANCHO_TEST] = 'one two'"}, environment);
  EXPECT_EQ(where.if_contains("proc.env"), nullptr) << "judged, and not shown";
  const Event field = shown_by({"--fields", "proc.env,proc.name", "--where",
                                "proc.aenv[NOBODY_HAS_IT] = x or "
                                "not proc.aenv[NOBODY_HAS_IT] = x"},
                               environment);
  EXPECT_EQ(list_of(field, "proc.env").size(), 4U);
  EXPECT_EQ(list_of(field, "proc.env").at(0), k_wanted);
}

TEST(Environment, IsInNobodyElsesRecords) {
  const std::string file = "/tmp/without-environment.rec";
  const Event plain = shown_by({"--record", file}, {k_wanted});
  EXPECT_EQ(plain.if_contains("proc.env"), nullptr);
  EXPECT_EQ(plain.if_contains("proc.env_truncated"), nullptr);
  EXPECT_EQ(number_of(plain, "proc.envc"), 1);
  const std::string recorded = read_text(file);
  EXPECT_NE(recorded.find(target_path()), std::string::npos);
  EXPECT_EQ(recorded.find(k_wanted), std::string::npos);
  ::unlink(file.c_str());
}

TEST(Environment, IsCutAtArgsMax) {
  const Words environment{"FIRST=1", "LONG=" + std::string(5000, 'x'), "LAST=1"};
  const Event event = shown_by({"--environment"}, environment);
  EXPECT_EQ(list_of(event, "proc.env"), (Words{"FIRST=1", environment[1].substr(0, 4096 - 8)}));
  EXPECT_TRUE(flag_of(event, "proc.env_truncated"));
  EXPECT_EQ(number_of(event, "proc.envc"), 3);
  // What was cut off may be there: neither holds.
  Agent agent({"watch", "exec", "-o", "json", "--environment", "--where",
               "proc.env[LAST] = 1 or not proc.env[LAST] = 1"});
  run_with(environment);
  run_with({"END=1"});
  agent.wait_for([&](const auto& now) { return !now.empty(); });
  EXPECT_EQ(list_of(agent.stop().events.at(0), "proc.env"), Words{"END=1"});
}

// Rules ask about whatever a process does, be it older than the agent or than the rule.
class EnvironmentInRules : public ::testing::Test {
 protected:
  void write_rule(const std::string& condition,
                  const std::string& output =
                      "%proc.env[GANCHO_TEST]|%proc.env[PASSWORD]|%proc.env|"
                      "%proc.aenv[GANCHO_TEST]") const {
    std::ofstream(rules_) << "- rule: asks\n  desc: d\n  condition: evt.type = kill and "
                          << condition << "\n  output: '" << output << "'\n  priority: NOTICE\n";
  }
  static std::string first_said(const Agent& agent) {
    const auto alerts = agent.wait_for([](const auto& now) { return !now.empty(); });
    const std::string output(alerts.at(0).at("output").as_string());
    constexpr std::string_view k_before = "Notice ";
    return output.substr(output.find(k_before) + k_before.size());
  }

  TemporaryDirectory directory_;
  const std::string rules_ = directory_.path() + "/rules.yaml";
  const Words environment_{"A=1", k_wanted, "PASSWORD=a b c"};
};

constexpr const char* k_act = "kill -0 $$";

TEST_F(EnvironmentInRules, OfWhoeverExecutesAProgram) {
  write_rule("proc.env[GANCHO_TEST] = 'one two'");
  const Agent agent({"run", "--rules", rules_, "-o", "json"});
  const Shell shell(environment_);
  shell.tell(k_act);
  EXPECT_EQ(first_said(agent),
            "one two|<redacted>|A=1 GANCHO_TEST=one two PASSWORD=<redacted>|<NA>");
}

TEST_F(EnvironmentInRules, OfAProcessThatIsOlderThanTheAgent) {
  write_rule("proc.aenv[GANCHO_TEST] = 'one two' and proc.aenv[1] contains PASSWORD");
  const Shell shell(environment_);
  const Agent agent({"run", "--rules", rules_, "-o", "json"});
  shell.tell("/bin/busybox env -i B=2 /bin/busybox sh -c '" + std::string(k_act) + "; true'");
  EXPECT_EQ(first_said(agent), "<NA>|<NA>|B=2|one two");
}

TEST_F(EnvironmentInRules, OfWhoeverIsInARecording) {
  const std::string recording = directory_.path() + "/open.rec";
  std::ofstream(rules_) << "- rule: opens\n  desc: d\n  condition: fd.name = /etc/hostname and "
                           "proc.env[GANCHO_TEST] exists\n  output: 'by %proc.env'\n"
                           "  priority: NOTICE\n";
  const Shell shell(environment_);
  Agent agent({"watch", "open", "-o", "json", "--environment", "--record", recording});
  shell.tell(": < /etc/hostname");
  agent.wait_for([](const auto& now) { return !where(now, "fd.name", "/etc/hostname").empty(); });
  agent.stop();
  const Ran ran = run({gancho_path(), "policy", "test", rules_, "--recording", recording});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_NE(ran.output.find("Notice by A=1 GANCHO_TEST=one two PASSWORD=<redacted>\n"),
            std::string::npos)
      << ran.output;
}

TEST_F(EnvironmentInRules, OfAProcessThatIsOlderThanTheRule) {
  write_rule("proc.name = nobody", "no environment");
  const Agent agent({"run", "--rules", rules_, "-o", "json"});
  const Shell shell(environment_);
  write_rule("proc.env contains GANCHO_TEST");
  ASSERT_EQ(::kill(agent.keeper(), SIGHUP), 0);
  agent.wait_for_notice("RELOADING=1");
  agent.wait_for_notice("READY=1");
  shell.tell(k_act);
  EXPECT_TRUE(first_said(agent).starts_with("one two|"));
}

TEST(Environment, AReloadTurnsItOff) {
  const TemporaryDirectory directory;
  const std::string config = directory.path() + "/gancho.yaml";
  const auto configure = [&](const char* environment) {
    std::ofstream(config) << "events: [exec]\nsocket: ''\noutput:\n  format: json\nprocess:\n"
                          << "  environment: " << environment << "\n";
  };
  configure("true");
  const Agent agent({"run", "--config", config});
  run_with({k_wanted});
  const auto seen = [](std::size_t count) {
    return [count](const auto& now) { return where(now, "proc.name", "target").size() == count; };
  };
  agent.wait_for(seen(1));
  configure("false");
  ASSERT_EQ(::kill(agent.keeper(), SIGHUP), 0);
  agent.wait_for_notice("RELOADING=1");
  agent.wait_for_notice("READY=1");
  run_with({k_wanted});
  const auto events = where(agent.wait_for(seen(2)), "proc.name", "target");
  EXPECT_EQ(list_of(events[0], "proc.env"), Words{k_wanted});
  EXPECT_EQ(events[1].if_contains("proc.env"), nullptr);
}

}  // namespace
}  // namespace gancho::test
