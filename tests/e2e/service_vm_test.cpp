// SPDX-License-Identifier: Apache-2.0
//
// `gancho run`, as a service manager and an administrator know it.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "support/agent.h"
#include "support/load.h"
#include "support/puppets.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Service : public testing::Test {
 protected:
  void SetUp() override { write_tiny_program(program_); }

  void configure(const std::string& text) const { std::ofstream(config_) << text; }

  // As when a configuration for `pid` is written: events to output_.
  [[nodiscard]] std::string only(pid_t pid) const {
    return "events: [exec]\nfilter:\n  pid: " + std::to_string(pid) +
           "\noutput:\n  file: " + output_ + "\n";
  }

  static void reload(const Agent& agent) {
    ASSERT_EQ(::kill(agent.keeper(), SIGHUP), 0);
    agent.wait_for_notice("RELOADING=1");
    agent.wait_for_notice("READY=1");
  }

  // The tags in a file, as soon as `last` is among them.
  static std::set<std::string> tags_until(const std::string& path, const std::string& last) {
    const auto limit = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      std::set<std::string> tags;
      std::ifstream file(path);
      const std::string text(std::istreambuf_iterator<char>(file), {});
      for (const Event& event : parse_events(text.substr(0, text.rfind('\n') + 1)))
        if (const auto arguments = list_of(event, "proc.args"); arguments.size() == 2)
          tags.insert(arguments[1]);
      if (tags.contains(last)) return tags;
      if (std::chrono::steady_clock::now() > limit) {
        ADD_FAILURE() << "no '" << last << "' in " << path;
        return tags;
      }
      std::this_thread::sleep_for(20ms);
    }
  }

  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
  std::string config_ = directory_.path() + "/gancho.yaml";
  std::string output_ = directory_.path() + "/events.json";
};

using Tags = std::set<std::string>;

TEST_F(Service, AChangedFilterTakesEffectOnReload) {
  Puppets one(program_);
  Puppets other(program_);
  configure(only(one.pid(0)));
  Agent agent({"run", "--config", config_});
  one.fail_to_execute(0, 'a');
  other.fail_to_execute(0, 'X');
  configure(only(other.pid(0)));
  reload(agent);
  one.fail_to_execute(0, 'Y');
  other.fail_to_execute(0, 'b');
  EXPECT_EQ(tags_until(output_, "b"), (Tags{"a", "b"}));

  // To another family: descent is judged anew.
  one.fork(0, 1);
  other.fork(0, 1);
  configure("filter:\n  pid: " + std::to_string(one.pid(0)) +
            "\n  children: true\noutput:\n  file: " + output_ + "\n");
  reload(agent);
  one.execute(1, 'c');
  other.execute(1, 'Z');
  one.execute(0, 'd');
  EXPECT_EQ(tags_until(output_, "d"), (Tags{"a", "b", "c", "d"}));
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Service, OtherFieldsAreShownAfterAReload) {
  Puppets puppets(program_);
  configure(only(puppets.pid(0)) + "  fields: [proc.args, evt.res, evt.type]\n");
  Agent agent({"run", "--config", config_});
  puppets.fail_to_execute(0, 'a');
  EXPECT_EQ(tags_until(output_, "a"), Tags{"a"});
  configure(only(puppets.pid(0)) + "  fields: [proc.args]\n");
  reload(agent);
  puppets.fail_to_execute(0, 'b');
  EXPECT_EQ(tags_until(output_, "b"), (Tags{"a", "b"}));
  EXPECT_EQ(agent.stop().status, 0);
  std::ifstream file(output_);
  std::string first, second;
  std::getline(file, first);
  std::getline(file, second);
  EXPECT_EQ(first.substr(0, 14), R"({"proc.args":[)") << first;
  EXPECT_TRUE(first.ends_with(R"(],"evt.res":"ENOENT","evt.type":"exec"})")) << first;
  EXPECT_TRUE(second.ends_with(R"("b"]})")) << second;
}

// Else it could read no more than a batch for each nap, however fast it is.
TEST_F(Service, AWorkerThatIsBehindDoesNotNap) {
  constexpr int k_records = 2000;  // far more than a batch: forty of them
  configure("nap: 1s\nrings:\n  bulk: 16MiB\nfilter:\n  pid: " + std::to_string(::getpid()) +
            "\noutput:\n  file: " + output_ + "\n");
  Agent agent({"run", "--config", config_});
  const pid_t worker = agent.worker();
  ASSERT_EQ(::kill(worker, SIGSTOP), 0);
  perform(Kind::failed_exec, program_, std::string(3500, 'x'), k_records);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(::kill(worker, SIGCONT), 0);
  const auto lines = [&] {
    std::ifstream file(output_);
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  };
  while (lines() < k_records && std::chrono::steady_clock::now() - begin < 60s)
    std::this_thread::sleep_for(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s) << lines() << " records so far";
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Service, ARotatedFileIsOpenedAnew) {
  Puppets puppets(program_);
  configure(only(puppets.pid(0)));
  Agent agent({"run", "--config", config_});
  puppets.fail_to_execute(0, 'a');
  EXPECT_EQ(tags_until(output_, "a"), Tags{"a"});
  fs::rename(output_, output_ + ".1");
  puppets.fail_to_execute(0, 'b');
  EXPECT_EQ(tags_until(output_ + ".1", "b"), (Tags{"a", "b"}));
  reload(agent);
  puppets.fail_to_execute(0, 'c');
  EXPECT_EQ(tags_until(output_, "c"), Tags{"c"});
  EXPECT_EQ(tags_until(output_ + ".1", "b"), (Tags{"a", "b"}));
  const auto mode = fs::status(output_).permissions();
  EXPECT_EQ(mode & fs::perms::others_all, fs::perms::none);
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Service, ABrokenConfigurationIsRefusedAndTheOldOneStays) {
  Puppets puppets(program_);
  configure(only(puppets.pid(0)));
  Agent agent({"run", "--config", config_});
  const std::vector<std::pair<std::string, std::string>> broken{
      {"events: [exec]\nfilter:\n  pud: 1\n", config_ + ":3:3: unknown key"},
      {"events: [exce]\n", config_ + ":1:10: "},
      {"filter:\n  cgroup: /nobody.slice\n", "no cgroup"},
      {"output:\n  file: /nowhere/at/all\n",
       "cannot open /nowhere/at/all: No such file or directory"},
      {"filter: [\n", config_ + ":"},
  };
  char tag = 'a';
  Tags expected;
  for (const auto& [text, message] : broken) {
    const std::size_t before = agent.error().size();
    configure(text);
    reload(agent);
    const std::string said = agent.error().substr(before);
    EXPECT_NE(said.find(message), std::string::npos) << said;
    EXPECT_NE(said.find("nothing was changed"), std::string::npos) << said;
    puppets.fail_to_execute(0, tag);
    puppets.execute(0, 'X');
    expected.insert(std::string(1, tag));
    EXPECT_EQ(tags_until(output_, std::string(1, tag)), expected) << said;
    ++tag;
  }
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Service, AReloadUnderLoadLosesNothing) {
  configure("output:\n  file: " + output_ + "\n");
  Agent agent({"run", "--config", config_});
  Load load(Kind::exec, program_, "load");
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = load.done();
    while (load.done() < before + 20) std::this_thread::sleep_for(5ms);
    reload(agent);
  }
  const std::uint64_t count = load.stop();
  EXPECT_EQ(agent.stop().status, 0);
  std::ifstream file(output_);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(where(parse_events(text), "proc.exepath", program_).size(), count);
}

TEST_F(Service, TellsTheWatchdogThatItIsAlive) {
  configure("output:\n  file: " + output_ + "\n");
  Agent agent({"run", "--config", config_},
              {.output = -1, .environment = {"WATCHDOG_USEC=1000000"}, .cut_lines = false});
  agent.wait_for_notice("WATCHDOG=1");
  // It is the worker's word: a worker that hangs is no sign of life.
  const pid_t worker = agent.worker();
  ::kill(worker, SIGSTOP);
  EXPECT_THROW(
      {
        agent.wait_for_notice("WATCHDOG=1", 3s);  // one may have been on its way
        agent.wait_for_notice("WATCHDOG=1", 3s);
      },
      std::runtime_error);
  ::kill(worker, SIGCONT);
  agent.wait_for_notice("WATCHDOG=1");
  ::kill(agent.keeper(), SIGTERM);
  agent.wait_for_notice("STOPPING=1");
  EXPECT_EQ(agent.wait().status, 0);
}

TEST_F(Service, AnOutputThatCannotBeOpenedIsOneLine) {
  configure("output:\n  file: /nowhere/at/all\n");
  const Ran ran = run({gancho_path(), "run", "--config", config_});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.error, "gancho: cannot open /nowhere/at/all: No such file or directory\n");
}

TEST_F(Service, ASignalForTheWholeServiceIsTheKeepersToObey) {
  configure("output:\n  file: " + output_ + "\n");
  Agent agent({"run", "--config", config_});
  const pid_t worker = agent.worker();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::kill(worker, signal);
  perform(Kind::exec, program_, "x", 1);
  EXPECT_EQ(tags_until(output_, "0"), Tags{"0"});
  EXPECT_EQ(agent.worker(), worker);
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.error, "");
}

}  // namespace
}  // namespace gancho::test
