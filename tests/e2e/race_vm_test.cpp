// SPDX-License-Identifier: Apache-2.0
//
// Tasks that race, on a kernel that preempts at any moment: every record is of one task, all of it.
// Each operation describes itself: from any of its fields all others follow.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "support/account.h"
#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {
namespace {

constexpr int k_racers = 6;       // processes, each with two threads
constexpr int k_execs = 1200;     // of each racer, each with a fork and a failed exec before it
constexpr int k_failures = 1200;  // of each thread, besides

struct Act {
  std::string file;
  std::string directory;
  std::string pid;
  std::string tid;
  std::string padding;  // so that records differ in length

  Act(const std::string& racer, const std::string& program, int number)
      : file(racer + "/" + program),
        directory(racer),
        pid(std::to_string(::getpid())),
        tid(std::to_string(::gettid())),
        padding(static_cast<std::size_t>(number * 37 % 900), 'p') {}

  void execute() {
    const std::array<char*, 6> arguments{file.data(), directory.data(), pid.data(),
                                         tid.data(),  padding.data(),   nullptr};
    ::execv(file.c_str(), arguments.data());
  }
};

// Not before all threads are there: the kernel refuses a new one (EAGAIN, copy_fs() of
// kernel/fork.c) while another of the process is in an exec.
void fail_often(const std::string& racer, const std::string& name, std::latch& start) {
  start.arrive_and_wait();
  for (int i = 0; i < k_failures; ++i) Act(racer, name + std::to_string(i), i).execute();
}

[[noreturn]] void race(const std::string& racer) noexcept {
  if (::chdir(racer.c_str()) != 0) ::_exit(1);
  std::latch start(3);
  std::thread first(fail_often, racer, "first", std::ref(start));
  std::thread second(fail_often, racer, "second", std::ref(start));
  start.arrive_and_wait();
  for (int i = 0; i < k_execs; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      Act(racer, "missing" + std::to_string(i), i).execute();
      Act(racer, "program", i).execute();
      ::_exit(1);
    }
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0) ::_exit(1);
  }
  first.join();
  second.join();
  ::_exit(0);
}

bool is_act(const Event& event) {
  return list_of(event, "proc.args").size() == 5;
}

// What does not fit together in a record of an Act; empty when all does.
std::string mixture(const Event& event) {
  const auto arguments = list_of(event, "proc.args");
  std::string wrong;
  const auto expect = [&](const std::string& what, const std::string& is,
                          const std::string& should) {
    if (is != should) wrong += what + " is " + is + ", not " + should + "; ";
  };
  expect("path as given", text_of(event, "evt.arg.filename"), arguments[0]);
  expect("directory of the path", arguments[0].substr(0, arguments[0].rfind('/')), arguments[1]);
  expect("working directory", text_of(event, "proc.cwd"), arguments[1]);
  expect("process", std::to_string(number_of(event, "proc.pid")), arguments[2]);
  expect("thread", std::to_string(number_of(event, "thread.tid")), arguments[3]);
  if (text_of(event, "evt.res") == "SUCCESS")
    expect("path", text_of(event, "proc.exepath"), arguments[0]);
  else
    expect("error", text_of(event, "evt.res"), "ENOENT");
  return wrong;
}

TEST(Race, NoRecordMixesTwoTasks) {
  std::ifstream file("/sys/kernel/debug/sched/preempt");
  const std::string modes(std::istreambuf_iterator<char>(file), {});
  ASSERT_NE(modes.find("(full)"), std::string::npos) << "boot with preempt=full: " << modes;

  const TemporaryDirectory directory;
  std::vector<std::string> racers;
  for (int i = 0; i < k_racers; ++i) {
    racers.push_back(directory.path() + "/racer" + std::to_string(i));
    ::mkdir(racers.back().c_str(), 0755);
    write_tiny_program(racers.back() + "/program");
  }
  Agent agent(
      {"watch", "exec", "fork", "-o", "json", "--vital-ring", "16MiB", "--bulk-ring", "32MiB"});
  std::vector<pid_t> pids;
  for (const std::string& racer : racers) {
    pids.push_back(::fork());
    if (pids.back() == 0) race(racer);
  }
  for (const pid_t pid : pids) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.status, 0) << ended.error;
  expect_balance(ended);

  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t mixed = 0;
  std::string example;
  for (const Event& event : where(ended.events, "evt.type", "exec")) {
    if (!is_act(event)) continue;
    ++(text_of(event, "evt.res") == "SUCCESS" ? succeeded : failed);
    if (std::string wrong = mixture(event); !wrong.empty() && mixed++ == 0) example = wrong;
  }
  EXPECT_EQ(mixed, 0) << example;

  const ClassAccount vital = account_of(ended, "vital");
  const ClassAccount bulk = account_of(ended, "bulk");
  std::int64_t skipped = 0;
  for (const auto& [program, runs] : ended.account.at("skipped").as_object()) {
    std::printf("skipped: %ld runs of %s\n", runs.to_number<std::int64_t>(),
                std::string(program).c_str());
    skipped += runs.to_number<std::int64_t>();
  }
  std::printf("execs %ld, failed %ld, lost: vital %ld, bulk %ld (slots %ld, %ld)\n", succeeded,
              failed, vital.lost(), bulk.lost(), vital.lost_slot, bulk.lost_slot);
  // What is not here is in the books. One skipped run costs at most one record.
  EXPECT_GE(succeeded + vital.lost(), k_racers * k_execs);
  EXPECT_GE(failed + bulk.lost() + skipped, k_racers * (k_execs + 2 * k_failures));
  EXPECT_LE(succeeded, k_racers * k_execs);
  EXPECT_LE(failed, k_racers * (k_execs + 2 * k_failures));
}

}  // namespace
}  // namespace gancho::test
