// SPDX-License-Identifier: Apache-2.0
//
// What does not fit is lost, and every loss is in the books: in the account, in the "lost" lines,
// in the numbers.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <thread>

#include "support/account.h"
#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {
namespace {

class Loss : public testing::Test {
 protected:
  void SetUp() override { write_tiny_program(program_); }

  // One last operation of each class on each CPU, so that no gap is at the end of the numbers.
  void close_the_books() {
    for (int cpu = 0; cpu < static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)); ++cpu) {
      perform(Kind::exec, program_, "last", 1, 0, cpu);
      perform(Kind::failed_exec, program_, "last", 1, 0, cpu);
    }
  }

  static bool has_tag(const Event& event, std::string_view tag) {
    const auto arguments = list_of(event, "proc.args");
    return !arguments.empty() && arguments[0] == tag;
  }

  static bool books_closed(const std::vector<Event>& events) {
    std::size_t last = 0;
    for (const Event& event : events)
      if (has_tag(event, "last")) ++last;
    return last == 2 * static_cast<std::size_t>(::sysconf(_SC_NPROCESSORS_ONLN));
  }

  static void expect_gaps_are_losses(const Ended& ended, std::string_view class_name) {
    Numbers numbers = numbers_of(ended.events, class_name);
    for (const auto& [cpu, gap] : numbers.gaps)
      EXPECT_EQ(gap, numbers.lost[cpu]) << class_name << " on CPU " << cpu;
  }

  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
};

TEST_F(Loss, ASlowReaderOfSmallRingsLosesExactlyWhatTheBooksSay) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  Fd reader(pipe[0]);
  Fd writer(pipe[1]);
  Agent agent({"watch", "exec", "-o", "json", "--vital-ring", "4096", "--bulk-ring", "4096"},
              {.output = writer.get(), .environment = {}, .cut_lines = false});
  writer.reset();
  // Nobody reads: first the pipe is full, then the rings.
  perform(Kind::exec, program_, "flood", 400);
  perform(Kind::failed_exec, program_, "flood", 4000);
  std::string text;
  std::mutex guard;
  std::thread reading([&] {
    std::array<char, 65536> part{};
    for (ssize_t n = 0; (n = ::read(reader.get(), part.data(), part.size())) > 0;) {
      const std::scoped_lock lock(guard);
      text.append(part.data(), static_cast<std::size_t>(n));
    }
  });
  const auto arrived = [&](std::string_view what) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < limit) {
      {
        const std::scoped_lock lock(guard);
        if (text.contains(what)) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  };
  // The losses are told once the rings have been emptied; then there is room for the last ones.
  EXPECT_TRUE(arrived(R"("evt.type":"lost","evt.class":"bulk")"));
  close_the_books();
  Ended ended = agent.stop();
  reading.join();
  ended.events = parse_events(text);

  EXPECT_EQ(ended.status, 0) << ended.error;
  expect_balance(ended);
  for (const char* name : {"vital", "bulk"}) {
    EXPECT_GT(account_of(ended, name).lost_ring, 0) << name;
    expect_gaps_are_losses(ended, name);
  }
  EXPECT_NE(ended.error.find("the ring was full (rings.vital)"), std::string::npos) << ended.error;
}

TEST_F(Loss, AFloodOfBulkCostsNoVitalRecord) {
  Agent agent({"watch", "exec", "-o", "json", "--bulk-ring", "4096"});
  const pid_t worker = agent.worker();
  ASSERT_EQ(::kill(worker, SIGSTOP), 0);  // as slow as a reader can be
  Load flood(Kind::failed_exec, program_, "flood");
  perform(Kind::exec, program_, "vital", 100);
  while (flood.done() < 2000) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  flood.stop();
  ASSERT_EQ(::kill(worker, SIGCONT), 0);
  agent.wait_for([](const auto& events) { return !where(events, "evt.type", "lost").empty(); });
  close_the_books();
  agent.wait_for(books_closed);
  const Ended ended = agent.stop();

  EXPECT_EQ(ended.status, 0) << ended.error;
  expect_balance(ended);
  EXPECT_GT(account_of(ended, "bulk").lost_ring, 1000);
  EXPECT_EQ(account_of(ended, "vital").lost(), 0);
  expect_gaps_are_losses(ended, "bulk");
  expect_gaps_are_losses(ended, "vital");
  std::size_t vital = 0;
  for (const Event& event : where(ended.events, "proc.exepath", program_))
    if (list_of(event, "proc.args")[0] == "vital") ++vital;
  EXPECT_EQ(vital, 100U);
}

// As fast as one process can, on each CPU a thread: what is lost is its own.
TEST_F(Loss, AFloodOfOpensCostsNoVitalRecord) {
  constexpr int k_opens = 150'000;
  Agent agent({"watch", "exec", "fork", "exit", "open", "-o", "json", "--bulk-ring", "65536"});
  const pid_t worker = agent.worker();
  ASSERT_EQ(::kill(worker, SIGSTOP), 0);  // as slow as a reader can be
  const pid_t flood = ::fork();
  if (flood == 0) {
    const auto open_and_close = [] {
      for (int i = 0; i < k_opens; ++i) ::close(::open("/dev/null", O_RDONLY));
    };
    std::thread other(open_and_close);
    open_and_close();
    other.join();
    ::_exit(0);
  }
  perform(Kind::exec, program_, "vital", 200);
  int status = -1;
  ASSERT_EQ(::waitpid(flood, &status, 0), flood);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(::kill(worker, SIGCONT), 0);
  agent.wait_for([](const auto& events) { return !where(events, "evt.type", "lost").empty(); });
  close_the_books();
  agent.wait_for([this](const auto& events) {
    const auto last =
        std::ranges::count_if(where(events, "proc.exepath", program_),
                              [](const Event& event) { return has_tag(event, "last"); });
    return last == ::sysconf(_SC_NPROCESSORS_ONLN);
  });
  const Ended ended = agent.stop();

  EXPECT_EQ(ended.status, 0) << ended.error;
  expect_balance(ended);
  EXPECT_GE(account_of(ended, "bulk").offered, 2 * k_opens);
  EXPECT_GT(account_of(ended, "bulk").lost_ring, k_opens);
  EXPECT_EQ(account_of(ended, "vital").lost(), 0);
  // What happened beside it is all there: each program that was executed, and each that ended.
  const auto count = [&](std::string_view type, auto&& wanted) {
    return std::ranges::count_if(where(ended.events, "evt.type", type), wanted);
  };
  EXPECT_EQ(count("exec", [](const Event& event) { return has_tag(event, "vital"); }), 200);
  EXPECT_EQ(
      count("exit", [](const Event& event) { return text_of(event, "proc.name") == "program"; }),
      200 + ::sysconf(_SC_NPROCESSORS_ONLN));
  EXPECT_EQ(
      count("exit", [&](const Event& event) { return number_of(event, "proc.pid") == flood; }), 1);
}

TEST_F(Loss, ARecordThatNeverFitsDoesNotPutTheReaderToSleep) {
  // The wake-up goes with the record: when that is lost, the next one has to bring it.
  Agent agent({"watch", "exec", "-o", "json", "--vital-ring", "4096"});
  const std::string long_tag(8000, 'x');
  for (int i = 0; i < 3; ++i) {
    perform(Kind::exec, program_, long_tag, 1);
    perform(Kind::exec, program_, "small", 1, static_cast<std::uint64_t>(i));
    agent.wait_for(
        [&](const auto& events) {
          return where(events, "proc.exepath", program_).size() == static_cast<std::size_t>(i) + 1;
        },
        std::chrono::seconds(20));
  }
  const Ended ended = agent.stop();
  expect_balance(ended);
  EXPECT_EQ(account_of(ended, "vital").lost_ring, 3);
}

}  // namespace
}  // namespace gancho::test
