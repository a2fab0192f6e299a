// SPDX-License-Identifier: Apache-2.0
//
// A worker that dies takes nothing with it: the rings have kept what it had not written.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "support/account.h"
#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

// How often each exec of the load occurs, by its number.
std::vector<int> occurrences(const std::vector<Event>& events, std::uint64_t count) {
  std::vector<int> found(count);
  for (const Event& event : events) {
    const auto arguments = list_of(event, "proc.args");
    if (arguments.size() == 2 && arguments[0] == "load") ++found.at(std::stoul(arguments[1]));
  }
  return found;
}

// Ends when there is another worker than `old`.
void wait_for_successor(const Agent& agent, pid_t old) {
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (agent.worker() == old || agent.worker() == 0) {
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error("no other worker: " + agent.error());
    std::this_thread::sleep_for(10ms);
  }
}

TEST(WorkerKilled, NothingIsLostAndTheRecordingHoldsEveryRecordOnce) {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/program";
  const std::string recording = directory.path() + "/recording";
  write_tiny_program(program);
  Agent agent({"watch", "exec", "-o", "json", "--record", recording},
              {.output = -1, .environment = {}, .cut_lines = true});
  Load load(Kind::exec, program, "load");
  constexpr int k_kills = 4;
  for (int i = 0; i < k_kills; ++i) {
    const std::size_t before = agent.events().size();
    agent.wait_for([&](const auto& events) { return events.size() > before + 50; });
    const pid_t worker = agent.worker();
    ASSERT_EQ(::kill(worker, SIGKILL), 0);
    wait_for_successor(agent, worker);
  }
  const std::uint64_t count = load.stop();
  const Ended ended = agent.stop();

  EXPECT_EQ(ended.status, 0) << ended.error;
  std::size_t told = 0;
  for (std::size_t at = 0;
       (at = ended.error.find("was killed by signal 9; starting another", at)) != std::string::npos;
       ++at)
    ++told;
  EXPECT_EQ(told, static_cast<std::size_t>(k_kills)) << ended.error;

  const auto live = occurrences(ended.events, count);
  EXPECT_EQ(std::ranges::count(live, 0), 0) << "of " << count;
  const ClassAccount account = account_of(ended, "vital");
  EXPECT_EQ(account.lost(), 0);
  EXPECT_EQ(account.offered, account.delivered);
  const Numbers numbers = numbers_of(ended.events, "vital");
  EXPECT_EQ(numbers.records, account.offered);
  std::printf("execs: %lu, kills: %d, written twice: %ld\n", count, k_kills, numbers.duplicates);

  const std::string replayed = directory.path() + "/replayed";
  const Ran replay = run({gancho_path(), "replay", recording, "-o", "json"});
  EXPECT_EQ(replay.status, 0) << replay.error;
  const auto events = parse_events(replay.output);
  const auto recorded = occurrences(events, count);
  EXPECT_EQ(std::ranges::count(recorded, 1), static_cast<std::ptrdiff_t>(count));
  EXPECT_EQ(static_cast<std::int64_t>(events.size()), account.offered);
}

TEST(WorkerKilled, AWorkerThatKeepsDyingMakesTheAgentGiveUp) {
  Agent agent({"watch", "exec", "-o", "json"});
  pid_t last = 0;
  while (::kill(agent.keeper(), 0) == 0 && !agent.error().contains("giving up")) {
    const pid_t worker = agent.worker();
    if (worker > 0 && worker != last) {
      ::kill(worker, SIGKILL);
      last = worker;
    }
    std::this_thread::sleep_for(1ms);
  }
  const Ended ended = agent.wait();
  EXPECT_EQ(ended.status, 1);
  const auto lines = std::ranges::count(ended.error, '\n');
  EXPECT_EQ(lines, 6) << ended.error;
  EXPECT_TRUE(ended.error.ends_with("for the 6th time in a minute; giving up\n")) << ended.error;
}

}  // namespace
}  // namespace gancho::test
