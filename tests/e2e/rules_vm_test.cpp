// SPDX-License-Identifier: Apache-2.0
//
// Rules in force on a real kernel: what fires, what a reload does while the machine is busy.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using ::testing::HasSubstr;

std::string rule_of(const Event& alert) {
  return std::string(alert.at("rule").as_string());
}

std::string field_of(const Event& alert, std::string_view name) {
  const boost::json::value& value = alert.at("output_fields").at(name);
  return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

class Rules : public testing::Test {
 protected:
  void write_rules(const std::string& text) const {
    std::ofstream(rules_ + ".new") << text;
    ASSERT_EQ(::rename((rules_ + ".new").c_str(), rules_.c_str()), 0);
  }
  void configure(const std::string& more) const {
    std::ofstream(config_) << "rules:\n  files: [" << rules_ << "]\n" << more;
  }
  static void fail_to_execute(const std::string& path) {
    char* const argv[] = {const_cast<char*>("x"), nullptr};
    ::execv(path.c_str(), argv);
  }
  static void reload(const Agent& agent) {
    ASSERT_EQ(::kill(agent.keeper(), SIGHUP), 0);
    agent.wait_for_notice("RELOADING=1");
    agent.wait_for_notice("READY=1");
  }

  TemporaryDirectory directory_;
  std::string rules_ = directory_.path() + "/rules.yaml";
  std::string config_ = directory_.path() + "/gancho.yaml";
};

// A rule that fires for failed attempts to execute what lies in this folder.
std::string rule_for(const std::string& name, const std::string& folder,
                     const std::string& more = "") {
  return "- rule: " + name +
         "\n  desc: d\n  condition: evt.type = execve and evt.failed = true and "
         "evt.arg.filename startswith " +
         folder + more + "\n  output: Tried %evt.arg.filename (%evt.res %proc.pid)\n" +
         "  priority: WARNING\n  tags: [t]\n";
}

TEST_F(Rules, WhatFiresIsSaidInFalcosForm) {
  write_rules(rule_for("Tried", "/nowhere/"));
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  fail_to_execute("/elsewhere/a");
  fail_to_execute("/nowhere/b");
  const auto alerts = agent.wait_for([](const auto& seen) { return !seen.empty(); });
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(rule_of(alerts[0]), "Tried");
  EXPECT_EQ(alerts[0].at("priority"), "Warning");
  EXPECT_EQ(alerts[0].at("source"), "syscall");
  EXPECT_EQ(alerts[0].at("tags"), boost::json::array{"t"});
  EXPECT_THAT(std::string(alerts[0].at("output").as_string()),
              HasSubstr(": Warning Tried /nowhere/b (ENOENT " + std::to_string(::getpid()) + ")"));
  EXPECT_EQ(field_of(alerts[0], "evt.arg.filename"), "/nowhere/b");
  EXPECT_EQ(field_of(alerts[0], "proc.pid"), std::to_string(::getpid()));
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.events.size(), 1U);
}

TEST_F(Rules, TheFirstOrAllOfThoseThatMatch) {
  write_rules(rule_for("One", "/nowhere/") + rule_for("Two", "/nowhere/"));
  for (const bool all : {false, true}) {
    configure(all ? "  matching: all\n" : "");
    Agent agent({"run", "--config", config_});
    fail_to_execute("/nowhere/a");
    const std::size_t expected = all ? 2 : 1;
    (void)agent.wait_for([&](const auto& seen) { return seen.size() >= expected; });
    const Ended ended = agent.stop();
    std::vector<std::string> rules;
    for (const Event& alert : ended.events) rules.push_back(rule_of(alert));
    EXPECT_EQ(rules,
              all ? (std::vector<std::string>{"One", "Two"}) : std::vector<std::string>{"One"});
  }
}

TEST_F(Rules, WhatLimitsSuppressIsCounted) {
  write_rules(rule_for("Tried", "/nowhere/"));
  configure("alerts:\n  rate: 1\n  burst: 3\n");
  Agent agent({"run", "--config", config_});
  for (int i = 0; i < 10; ++i) fail_to_execute("/nowhere/" + std::to_string(i));
  (void)agent.wait_for([](const auto& seen) { return seen.size() >= 3; });
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.events.size(), 4U);
  EXPECT_EQ(rule_of(ended.events[3]), "Alerts suppressed");
  EXPECT_THAT(std::string(ended.events[3].at("output").as_string()),
              HasSubstr("7 more alerts of rule \"Tried\""));
  EXPECT_EQ(ended.events[3].at("output_fields"),
            (boost::json::object{{"rule", "Tried"}, {"over_rate", 7}, {"repeated", 0}}));
}

TEST_F(Rules, SecretsAreNotShown) {
  write_rules(rule_for("Tried", "/nowhere/"));
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  fail_to_execute("/nowhere/ --password=abc");
  const auto alerts = agent.wait_for([](const auto& seen) { return !seen.empty(); });
  EXPECT_EQ(field_of(alerts[0], "evt.arg.filename"), "/nowhere/ --password=<redacted>");
  EXPECT_EQ(agent.stop().status, 0);
}

// Whose rights are used is another than who uses them: root and nobody, in the output, in a
// condition and in an alert.
TEST_F(Rules, ASetUserIdProgramActsForAnother) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  const std::string plain = directory_.path() + "/plain";
  const std::string lent = directory_.path() + "/lent";
  for (const std::string& path : {plain, lent})
    std::filesystem::copy_file(std::filesystem::canonical("/bin/true"), path);
  ASSERT_TRUE(::chmod(plain.c_str(), 0755) == 0 && ::chmod(lent.c_str(), 04755) == 0);
  constexpr uid_t nobody = 65534;
  const auto execute = [&](const std::string& path, uid_t uid) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setresgid(uid, uid, uid) == 0 && ::setresuid(uid, uid, uid) == 0) fail_to_execute(path);
      ::_exit(1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0) << path;
  };
  const auto all = [&] {
    execute(plain, 0);
    execute(plain, nobody);
    execute(lent, 0);
    execute(lent, nobody);
  };
  const std::string acts = "user.uid = 0 and user.ruid != 0";
  const std::string ours = "proc.exepath startswith " + directory_.path();

  for (const bool chosen : {false, true}) {
    Agent agent({"watch", "exec", "-o", "json", "--where", chosen ? ours + " and " + acts : ours});
    all();
    const std::size_t expected = chosen ? 1 : 4;
    (void)agent.wait_for([&](const auto& seen) { return seen.size() >= expected; });
    const Ended ended = agent.stop();
    ASSERT_EQ(ended.events.size(), expected);
    const Event& event = ended.events.back();
    EXPECT_EQ(text_of(event, "proc.exepath"), lent);
    EXPECT_EQ(number_of(event, "user.uid"), 0);
    EXPECT_EQ(text_of(event, "user.name"), "root");
    EXPECT_EQ(number_of(event, "user.ruid"), nobody);
    EXPECT_EQ(text_of(event, "user.rname"), "nobody");
    EXPECT_EQ(number_of(event, "user.before.uid"), nobody);
    EXPECT_EQ(number_of(event, "group.gid"), nobody);
  }

  write_rules("- rule: Acts\n  desc: d\n  condition: evt.type = exec and " + ours + " and " + acts +
              "\n  output: Acts as %user.name (%user.uid %user.euid) for %user.rname (%user.ruid)\n"
              "  priority: WARNING\n");
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  all();
  (void)agent.wait_for([](const auto& seen) { return !seen.empty(); });
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.events.size(), 1U);
  EXPECT_THAT(std::string(ended.events[0].at("output").as_string()),
              HasSubstr("Acts as root (0 0) for nobody (65534)"));
  EXPECT_EQ(field_of(ended.events[0], "user.uid"), "0");
  EXPECT_EQ(field_of(ended.events[0], "user.ruid"), "65534");
}

// Alone it would not be known for a secret.
TEST_F(Rules, AnArgumentIsShownAsAmongTheOthers) {
  write_rules(
      "- rule: R\n  desc: d\n  condition: evt.type = execve and proc.args contains MARK_secret\n"
      "  output: \"a2=%proc.args[2] c=%proc.cmdline own=%proc.acmdline[0]\"\n  priority: INFO\n");
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  ASSERT_EQ(std::system("/bin/true MARK_secret --password hunter2 -v"), 0);
  const auto is_it = [](const Event& alert) {
    return std::string(alert.at("output").as_string()).contains("c=true ");
  };
  const auto alerts =
      agent.wait_for([&](const auto& seen) { return std::ranges::any_of(seen, is_it); });
  const auto alert = std::ranges::find_if(alerts, is_it);
  ASSERT_NE(alert, alerts.end());
  EXPECT_THAT(std::string(alert->at("output").as_string()),
              HasSubstr("a2=<redacted> c=true MARK_secret --password <redacted> -v "
                        "own=true MARK_secret --password <redacted> -v"));
  EXPECT_EQ(field_of(*alert, "proc.args[2]"), "<redacted>");
  for (const Event& seen : agent.stop().events)
    EXPECT_FALSE(boost::json::serialize(seen).contains("hunter2"));
}

// By names that the rule has, looked up when it is read: a process without the network judges.
TEST_F(Rules, NamesOfHostsAreLookedUp) {
  const auto know = [](const std::string& address) {
    std::ofstream("/etc/hosts") << "127.0.0.1 localhost\n" << address << " api.example.org\n";
  };
  const auto call = [](const char* address) {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(443), .sin_addr = {}, .sin_zero = {}};
    ::inet_pton(AF_INET, address, &to.sin_addr);
    ASSERT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  };
  know("127.1.2.3");
  write_rules(
      "- rule: Called\n  desc: d\n  condition: evt.type = connect and fd.sip.name in "
      "(api.example.org, nobody.invalid)\n  output: Called %fd.sip.name at %fd.sip\n"
      "  priority: WARNING\n");
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  EXPECT_THAT(agent.error(), HasSubstr("no address was found for nobody.invalid"));
  call("127.1.2.4");
  call("127.1.2.3");
  auto alerts = agent.wait_for([](const auto& seen) { return !seen.empty(); });
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(field_of(alerts[0], "fd.sip.name"), "api.example.org");
  EXPECT_EQ(field_of(alerts[0], "fd.sip"), "127.1.2.3");
  // It moves, and is found again.
  know("127.1.2.9");
  reload(agent);
  call("127.1.2.3");
  call("127.1.2.9");
  alerts = agent.wait_for([](const auto& seen) { return seen.size() > 1; });
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(field_of(alerts[1], "fd.sip"), "127.1.2.9");
  EXPECT_EQ(agent.stop().status, 0);
}

// By the courier, which finds what it cannot do without privilege done by the keeper.
TEST_F(Rules, AlertsReachAFile) {
  write_rules(rule_for("Tried", "/nowhere/"));
  const std::string path = directory_.path() + "/alerts.json";
  configure("alert_file:\n  path: " + path + "\n");
  Agent agent({"run", "--config", config_});
  const auto alerts = [&] {
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return parse_events(text.substr(0, text.rfind('\n') + 1));
  };
  const auto wait_for = [&](std::size_t count) {
    (void)agent.wait_for([&](const auto&) { return alerts().size() >= count; });
  };
  fail_to_execute("/nowhere/a");
  wait_for(1);
  // A log is taken away, as logrotate does it.
  ASSERT_EQ(::rename(path.c_str(), (path + ".old").c_str()), 0);
  reload(agent);
  fail_to_execute("/nowhere/b");
  wait_for(1);
  EXPECT_EQ(field_of(alerts()[0], "evt.arg.filename"), "/nowhere/b");
  EXPECT_EQ(agent.stop().status, 0);
}

// What nobody asks for is not collected; who asks later finds it in everything that he judges.
TEST_F(Rules, PathsAreThereForWhoAsksForThem) {
  const auto opened = [](const std::string& output) {
    return "- rule: Opened\n  desc: d\n  condition: evt.type in (open, openat) and proc.pid = " +
           std::to_string(::getpid()) + " and fd.nameraw startswith /etc/../etc/host\n" +
           "  output: " + output + "\n  priority: INFO\n";
  };
  const auto open_it = [] {
    const Fd file(::open("/etc/../etc/hostname", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(file.valid());
  };
  write_rules(opened("Opened %fd.nameraw"));
  configure("alerts:\n  rate: 0\n");
  Agent agent({"run", "--config", config_});
  open_it();
  (void)agent.wait_for([](const auto& seen) { return seen.size() == 1; });
  for (int round = 1; round <= 5; ++round) {
    write_rules(opened("Opened %fd.name"));
    reload(agent);
    open_it();
    const std::size_t before = static_cast<std::size_t>(2 * round - 1);
    const auto asked = agent.wait_for([&](const auto& seen) { return seen.size() > before; });
    EXPECT_EQ(field_of(asked.back(), "fd.name"), "/etc/hostname");
    write_rules(opened("Opened %fd.nameraw"));
    reload(agent);
    open_it();
    const auto after = agent.wait_for([&](const auto& seen) { return seen.size() > before + 1; });
    EXPECT_EQ(field_of(after.back(), "fd.nameraw"), "/etc/../etc/hostname");
  }
  EXPECT_EQ(agent.stop().status, 0);
}

// What fires later on the recording is what fired then, with everything that was known of it.
TEST_F(Rules, ARecordingTellsTheSameAgain) {
  write_rules(
      rule_for("Tried", "/nowhere/") +
      "- rule: Program\n  desc: d\n  condition: evt.type = execve and evt.failed = false and "
      "proc.name in (sh, cat)\n"
      "  output: Program %proc.exepath %proc.cmdline %proc.aname[1] %user.name %container.id\n"
      "  priority: NOTICE\n"
      "- rule: File\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = "
      "/etc/hostname\n"
      "  output: File %fd.name %proc.cmdline %proc.pname %proc.exepath %user.loginuid\n"
      "  priority: ERROR\n");
  const std::string recording = directory_.path() + "/recording";
  configure("filter:\n  pid: " + std::to_string(::getpid()) +
            "\n  children: true\nalerts:\n  rate: 0\nrecord: " + recording + "\n");
  Agent agent({"run", "--config", config_, "-o", "json"});
  fail_to_execute("/nowhere/a");
  ASSERT_EQ(run({"/bin/sh", "-c", "cat /etc/hostname; exec /bin/cat /etc/hostname"}).status, 0);
  (void)agent.wait_for(
      [](const auto& seen) { return std::ranges::count(seen, "File", rule_of) == 2; });
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.status, 0) << ended.error;

  const Ran again =
      run({gancho_path(), "policy", "test", rules_, "--recording", recording, "-o", "json"});
  ASSERT_EQ(again.status, 0) << again.error;
  std::vector<Event> alerts = parse_events(again.output);
  std::erase_if(alerts, [](const Event& line) { return !line.contains("output_fields"); });
  EXPECT_EQ(std::ranges::count(alerts, "Tried", rule_of), 1);
  EXPECT_EQ(std::ranges::count(alerts, "Program", rule_of), 3);
  ASSERT_EQ(alerts.size(), ended.events.size());
  for (std::size_t i = 0; i < alerts.size(); ++i)
    EXPECT_EQ(boost::json::serialize(alerts[i]), boost::json::serialize(ended.events[i]));
}

// Events come all the time, so that the agent never rests; the clock is set meanwhile.
TEST_F(Rules, TheTimeIsRightAfterAStepOfTheClock) {
  const auto opened = [](const std::string& folder) {
    const Fd none(::open((folder + "x").c_str(), O_RDONLY | O_CLOEXEC));
  };
  write_rules(
      "- rule: Opened\n  desc: d\n  condition: evt.type in (open, openat) and fd.nameraw "
      "startswith "
      "/after/\n  output: Opened\n  priority: INFO\n"
      "- rule: Busy\n  desc: d\n  condition: evt.type in (open, openat) and fd.nameraw startswith "
      "/busy/ and evt.cpu > 100000\n  output: o\n  priority: INFO\n");
  configure("alerts:\n  rate: 0\n");
  Agent agent({"run", "--config", config_, "-o", "json"});
  timespec before{};
  ASSERT_EQ(::clock_gettime(CLOCK_REALTIME, &before), 0);
  timespec later = before;
  later.tv_sec += 365L * 24 * 3600;
  const std::uint64_t end = boot_now_ns() + 1'000'000'000;
  while (boot_now_ns() < end) {
    opened("/busy/");
    ::usleep(100);  // a load, not a flood
  }
  ASSERT_EQ(::clock_settime(CLOCK_REALTIME, &later), 0);
  const std::uint64_t stop = boot_now_ns() + 300'000'000;
  while (boot_now_ns() < stop) {
    opened("/after/");
    opened("/busy/");
    ::usleep(100);
  }
  const Ended ended = agent.stop();
  timespec now{};
  ASSERT_EQ(::clock_gettime(CLOCK_REALTIME, &now), 0);
  now.tv_sec -= 365L * 24 * 3600;
  ASSERT_EQ(::clock_settime(CLOCK_REALTIME, &now), 0);
  ASSERT_GT(ended.events.size(), 10U);
  const std::string year = std::to_string(1970 + later.tv_sec / 31'556'952).substr(0, 4);
  std::vector<bool> right;
  for (const Event& alert : ended.events)
    if (alert.contains("rule") && rule_of(alert) == "Opened")
      right.push_back(std::string(alert.at("time").as_string()).starts_with(year));
  // At most those of the batch that was being read when the clock was set are not.
  EXPECT_GT(std::ranges::count(right, true) * 2, std::ranges::ssize(right));
  EXPECT_TRUE(std::ranges::is_sorted(right));
}

TEST_F(Rules, WrongOnesChangeNothing) {
  write_rules(rule_for("Tried", "/nowhere/"));
  Agent agent({"run", "--rules", rules_, "-o", "json"});
  write_rules(rule_for("Tried", "/nowhere/", " and proc.nmae = x"));
  reload(agent);
  EXPECT_THAT(agent.error(), HasSubstr("proc.name"));
  EXPECT_THAT(agent.error(), HasSubstr("nothing was changed"));
  fail_to_execute("/nowhere/a");
  (void)agent.wait_for([](const auto& seen) { return !seen.empty(); });
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Rules, WrongOnesStartNoAgent) {
  write_rules(rule_for("Tried", "/nowhere/", " and proc.nmae = x"));
  try {
    Agent agent({"run", "--rules", rules_});
    FAIL() << "it runs";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("rules.yaml:3:"));
  }
}

// Set after set, each of two rules that match all that one process does meanwhile. Every event must
// have both alerts of one set, and later events never an older set's.
TEST_F(Rules, ReloadsUnderLoadLoseNothing) {
  // A thousand with `./dev test --all`, natively: a machine that is emulated takes minutes for
  // them. Therefore it watches only what descends from here.
  const char* const asked = std::getenv("GANCHO_RELOADS");
  const int reloads = asked != nullptr ? std::stoi(asked) : 60;
  const auto tried = [](const std::string& name) {
    return "- rule: " + name +
           "\n  desc: d\n  condition: evt.type in (open, openat) and evt.failed = true and "
           "fd.nameraw startswith /nowhere/\n  output: Tried %fd.nameraw\n  priority: INFO\n";
  };
  const auto set = [&](int number) {
    const std::string name = std::to_string(number);
    std::string text = tried(name + " one") + tried(name + " two");
    // Now and then other events are asked for, too: programs are attached, and taken off.
    if (number % 20 == 10)
      text +=
          "- rule: other\n  desc: d\n  condition: evt.type = mount and proc.name = nobody\n"
          "  output: o\n  priority: INFO\n";
    return text;
  };
  write_rules(set(0));
  configure("  matching: all\nfilter:\n  pid: " + std::to_string(::getpid()) +
            "\n  children: true\nalerts:\n  rate: 0\nrings:\n  bulk: 4MiB\noutput:\n  file: " +
            directory_.path() + "/alerts\n");
  Agent agent({"run", "--config", config_});
  struct Shared {
    std::atomic<bool> stop;
    std::atomic<std::uint64_t> done;
  };
  void* const memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* const shared = new (memory) Shared{};
  const pid_t busy = ::fork();
  if (busy == 0) {
    while (!shared->stop) {
      const Fd none(
          ::open(("/nowhere/" + std::to_string(shared->done)).c_str(), O_RDONLY | O_CLOEXEC));
      ++shared->done;
      ::usleep(200);  // a load, not a flood: what the ring loses is not what this is about
    }
    ::_exit(0);
  }
  for (int i = 1; i <= reloads; ++i) {
    write_rules(set(i));
    reload(agent);
  }
  shared->stop = true;
  int status = 0;
  ::waitpid(busy, &status, 0);
  const std::uint64_t done = shared->done;
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_GT(done, 1000U);

  std::map<std::uint64_t, std::vector<std::string>> by_event;
  std::ifstream file(directory_.path() + "/alerts");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  for (const Event& alert : parse_events(text)) {
    const std::string path = field_of(alert, "fd.nameraw");
    by_event[std::stoull(path.substr(path.rfind('/') + 1))].push_back(rule_of(alert));
  }
  EXPECT_EQ(by_event.size(), done);
  std::set<int> sets;
  int before = 0;
  for (const auto& [event, rules] : by_event) {
    ASSERT_EQ(rules.size(), 2U) << event;
    const int number = std::stoi(rules[0]);
    ASSERT_EQ(rules[0], std::to_string(number) + " one") << event;
    ASSERT_EQ(rules[1], std::to_string(number) + " two") << event;
    ASSERT_GE(number, before) << event;
    before = number;
    sets.insert(number);
  }
  EXPECT_GT(sets.size(), static_cast<std::size_t>(reloads) / 2);  // most have judged something
  std::printf("%llu events under %zu sets\n", static_cast<unsigned long long>(done), sets.size());
}

}  // namespace
}  // namespace gancho::test
