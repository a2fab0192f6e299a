// SPDX-License-Identifier: Apache-2.0
//
// Filters that the kernel decides: by process, by descent, by cgroup.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "support/account.h"
#include "support/agent.h"
#include "support/load.h"
#include "support/puppets.h"

namespace gancho::test {
namespace {

class FilterTest : public testing::Test {
 protected:
  void SetUp() override { write_tiny_program(program_); }

  // The tags of what was seen: of what was executed, and of what was not there to be executed.
  static std::set<std::string> tags(const std::vector<Event>& events) {
    std::set<std::string> tags;
    for (const Event& event : events) {
      const auto arguments = list_of(event, "proc.args");
      if (arguments.size() == 2 && arguments[0] == "puppet") tags.insert(arguments[1]);
    }
    return tags;
  }

  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
};

using Tags = std::set<std::string>;

TEST_F(FilterTest, ByProcessItsChildrenAreNotSeen) {
  Puppets puppets(program_);
  Agent agent({"watch", "exec", "-o", "json", "--pid", std::to_string(puppets.pid(0))});
  puppets.execute(0, 'c');          // by a child
  puppets.fail_to_execute(0, 'o');  // by itself
  puppets.fork(0, 1);
  puppets.fail_to_execute(1, 'f');
  const Ended ended = agent.stop();
  EXPECT_EQ(tags(ended.events), Tags{"o"});
  expect_balance(ended);
  EXPECT_GE(account_of(ended, "vital").filtered, 1);
  EXPECT_GE(account_of(ended, "bulk").filtered, 1);
}

// In user space: what does not match is delivered, but neither shown nor counted.
TEST_F(FilterTest, ByACondition) {
  const std::string recording = directory_.path() + "/recording";
  Puppets puppets(program_);
  Agent agent({"watch", "exec", "exit", "-o", "json", "--record", recording, "--where",
               "evt.type = exec and proc.args in (a, c) and proc.apid = " +
                   std::to_string(::getpid()) + " and not container.id != host"});
  puppets.execute(0, 'a');
  puppets.execute(0, 'b');
  puppets.execute(0, 'c');
  const Ended ended = agent.stop();
  EXPECT_EQ(tags(ended.events), (Tags{"a", "c"}));
  EXPECT_EQ(ended.events.size(), 2U);
  EXPECT_GE(account_of(ended, "vital").delivered, 6);  // three of exec, three of exit
  // What a replay shows is what was shown.
  const Ran replay = run({gancho_path(), "replay", recording, "-o", "json"});
  EXPECT_EQ(replay.status, 0) << replay.error;
  EXPECT_EQ(tags(parse_events(replay.output)), (Tags{"a", "c"}));
  EXPECT_EQ(parse_events(replay.output).size(), 2U);
}

TEST_F(FilterTest, ACountIsOfWhatMatched) {
  Puppets puppets(program_);
  Agent agent({"watch", "exec", "-o", "json", "--count", "1", "--where",
               "proc.cmdline endswith ' d' and proc.ppid = " + std::to_string(puppets.pid(0))});
  puppets.execute(0, 'e');
  puppets.execute(0, 'd');
  const Ended ended = agent.wait();
  EXPECT_EQ(tags(ended.events), Tags{"d"});
  EXPECT_EQ(ended.status, 0);
}

TEST_F(FilterTest, ByDescentEveryDescendantIsSeenAndNobodyElse) {
  Puppets puppets(program_);
  Puppets strangers(program_);
  enum Place : std::uint8_t { k_root, k_child, k_grandchild, k_late, k_escaped, k_of_escaped };
  puppets.fork(k_root, k_child);
  puppets.fork(k_child, k_grandchild);
  strangers.fork(0, 1);

  // While everything is being attached, the family is busy: its lineages are made before the filter
  // is known.
  std::jthread hurry([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) puppets.execute(k_grandchild, '-');
  });
  Agent agent(
      {"watch", "exec", "-o", "json", "--pid", std::to_string(puppets.pid(k_root)), "--children"});
  hurry.request_stop();
  hurry.join();

  puppets.execute(k_root, 'a');
  puppets.execute(k_child, 'b');
  puppets.execute(k_grandchild, 'c');
  puppets.fail_to_execute(k_grandchild, 'd');
  puppets.fork(k_grandchild, k_late);
  puppets.execute(k_late, 'e');
  puppets.fork_twice(k_late, k_escaped);
  puppets.execute(k_escaped, 'f');
  puppets.end(k_child);  // the grandchild is an orphan now
  puppets.execute(k_grandchild, 'g');
  puppets.fork_twice(k_escaped, k_of_escaped);
  puppets.fail_to_execute(k_of_escaped, 'h');
  strangers.execute(0, 'X');
  strangers.fail_to_execute(1, 'Y');
  const Ended ended = agent.stop();

  Tags seen = tags(ended.events);
  seen.erase("-");
  EXPECT_EQ(seen, (Tags{"a", "b", "c", "d", "e", "f", "g", "h"}));
  expect_balance(ended);
  EXPECT_GE(account_of(ended, "vital").filtered, 1);
}

class CgroupFilter : public FilterTest {
 protected:
  void SetUp() override {
    FilterTest::SetUp();
    for (const char* name : {"/watched", "/watched/below", "/watched2"})
      ::mkdir((k_root + name).c_str(), 0755);
  }
  void TearDown() override {
    for (const char* name : {"/watched/below", "/watched", "/watched2"})
      ::rmdir((k_root + name).c_str());
  }
  static void move(pid_t pid, const std::string& cgroup) {
    std::ofstream file(k_root + cgroup + "/cgroup.procs");
    file << pid << std::flush;
    ASSERT_TRUE(file.good()) << cgroup;
  }
  static inline const std::string k_root = "/sys/fs/cgroup";
};

TEST_F(CgroupFilter, ThisOneAndAllBelowItButNoSibling) {
  Puppets in(program_);
  Puppets below(program_);
  Puppets beside(program_);
  Puppets above(program_);
  move(in.pid(0), "/watched");
  move(below.pid(0), "/watched/below");
  move(beside.pid(0), "/watched2");
  for (const char* name : {"/watched", "/sys/fs/cgroup/watched"}) {
    Agent agent({"watch", "exec", "-o", "json", "--cgroup", name});
    in.execute(0, 'i');
    below.execute(0, 'b');
    below.fail_to_execute(0, 'f');
    beside.execute(0, 'S');
    above.execute(0, 'A');
    const Ended ended = agent.stop();
    EXPECT_EQ(tags(ended.events), (Tags{"i", "b", "f"})) << name;
    expect_balance(ended);
    EXPECT_GE(account_of(ended, "vital").filtered, 2);
  }
}

TEST_F(FilterTest, WhatIsNotThereIsRefusedInOneLine) {
  for (const std::vector<std::string>& filter : {std::vector<std::string>{"--pid", "4194300"},
                                                 {"--cgroup", "/nobody.slice"},
                                                 {"--cgroup", "/../etc"},
                                                 {"--children"}}) {
    std::vector<std::string> command{gancho_path(), "watch", "exec"};
    command.insert(command.end(), filter.begin(), filter.end());
    const Ran ran = run(command);
    EXPECT_EQ(ran.status, 64) << filter[0];
    EXPECT_TRUE(ran.error.starts_with("gancho: ")) << ran.error;
    EXPECT_EQ(ran.error.find('\n'), ran.error.size() - 1) << ran.error;
  }
}

}  // namespace
}  // namespace gancho::test
