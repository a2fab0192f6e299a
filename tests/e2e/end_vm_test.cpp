// SPDX-License-Identifier: Apache-2.0
//
// However the agent ends, it leaves nothing behind; and how long that takes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/utsname.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "support/account.h"
#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto k_limit = 10s;  // the targets are shorter, but the machine is emulated and shared

std::size_t agents_running() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string name;
    if (std::getline(file, name) && name.starts_with("gancho")) ++count;
  }
  return count;
}

// Looks seldom: to take a trampoline off, the kernel waits for every task that it finds running.
double seconds_until(const std::function<bool()>& condition) {
  const auto begin = Clock::now();
  while (!condition() && Clock::now() - begin < k_limit) std::this_thread::sleep_for(50ms);
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The kernel frees what it has let go of a little later. Waits until it has stopped doing so.
BpfIds settled() {
  BpfIds ids = BpfIds::now();
  for (;;) {
    std::this_thread::sleep_for(300ms);
    BpfIds next = BpfIds::now();
    if (next == ids) return ids;
    ids = std::move(next);
  }
}

std::string kernel() {
  utsname system{};
  ::uname(&system);
  return system.release;
}

class End : public testing::TestWithParam<int> {};

TEST_P(End, BySignalDeliversWhatWasOfferedAndLeavesNothing) {
  const BpfIds before = settled();
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/program";
  write_tiny_program(program);

  const auto start = Clock::now();
  Agent agent({"watch", "exec", "fork", "exit", "-o", "json"});
  const std::chrono::duration<double> ready = Clock::now() - start;
  EXPECT_NE(BpfIds::now(), before);
  perform(Kind::exec, program, "offered", 20);
  // Right away: what is in the rings has not been read yet.
  const auto signalled = Clock::now();
  const Ended ended = agent.stop(GetParam());
  const std::chrono::duration<double> stop = Clock::now() - signalled;

  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_EQ(ended.error, "");
  expect_balance(ended);
  EXPECT_EQ(where(ended.events, "proc.exepath", program).size(), 20U);
  EXPECT_EQ(agents_running(), 0U);
  const double gone = seconds_until([&] { return BpfIds::now() == before; });
  EXPECT_EQ(BpfIds::now(), before);
  EXPECT_LT(stop, k_limit);
  std::printf("%s: ready after %.2f s, stopped after %.2f s, BPF objects gone %.2f s later\n",
              kernel().c_str(), ready.count(), stop.count(), gone);
}

INSTANTIATE_TEST_SUITE_P(Signals, End, testing::Values(SIGTERM, SIGINT));

TEST(Killed, TheKeeperTakesEverythingWithIt) {
  const BpfIds before = settled();
  Agent agent({"watch", "exec", "-o", "json"});
  const pid_t worker = agent.worker();
  ::kill(agent.keeper(), SIGKILL);
  const double worker_gone = seconds_until([&] {
    // Its parent is dead and the machine's first process does not always wait for it.
    std::ifstream file("/proc/" + std::to_string(worker) + "/stat");
    std::string stat;
    return !std::getline(file, stat) || stat.contains(") Z ");
  });
  const double links_gone = seconds_until([&] { return BpfIds::now().links == before.links; });
  const double all_gone = seconds_until([&] { return BpfIds::now() == before; });
  EXPECT_EQ(BpfIds::now(), before);
  EXPECT_LT(worker_gone, 5.0);
  std::printf(
      "%s: killed: worker gone after %.2f s, links %.2f s later, all BPF objects %.2f s later\n",
      kernel().c_str(), worker_gone, links_gone, all_gone);
  EXPECT_EQ(agent.wait().status, 128 + SIGKILL);
}

TEST(Killed, AnAgentThatNeverGotReadyLeavesNothingEither) {
  const BpfIds before = settled();
  const Ran ran = run({gancho_path(), "watch", "exec", "--record", "/nowhere/at/all"});
  EXPECT_EQ(ran.status, 1);
  seconds_until([&] { return BpfIds::now() == before; });
  EXPECT_EQ(BpfIds::now(), before);
  EXPECT_EQ(agents_running(), 0U);
}

}  // namespace
}  // namespace gancho::test
