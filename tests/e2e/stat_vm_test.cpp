// SPDX-License-Identifier: Apache-2.0
//
// gancho stat syscalls: processes that make calls that are known by number and kind, and all that
// was counted of them. Calls are made without a library between, which would make others.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/exec_stage.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

// A process that waits in read(2), acts when it is told to, says so with one write(2), and waits in
// read(2) again.
class Actor {
 public:
  explicit Actor(const std::function<void()>& act, const std::function<void()>& stage = [] {}) {
    must(::pipe2(orders_, O_CLOEXEC) == 0 && ::pipe2(answers_, O_CLOEXEC) == 0, "pipes");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(orders_[1]);
      ::close(answers_[0]);
      stage();
      char byte = 0;
      while (::syscall(SYS_read, orders_[0], &byte, 1L) == 1) {
        act();
        ::syscall(SYS_write, answers_[1], &byte, 1L);
      }
      ::_exit(0);
    }
    ::close(orders_[0]);
    ::close(answers_[1]);
    wait_until_blocked();
  }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor() {
    ::close(orders_[1]);
    ::close(answers_[0]);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string id() const { return std::to_string(pid_); }

  void order() const { must(::write(orders_[1], "x", 1) == 1, "order"); }
  void wait() const {
    char byte = 0;
    must(::read(answers_[0], &byte, 1) == 1, "answer");
    wait_until_blocked();
  }
  void act() const {
    order();
    wait();
  }

 private:
  // In read(2): its number stands in /proc/PID/syscall while it is blocked.
  void wait_until_blocked() const {
    const auto limit = std::chrono::steady_clock::now() + 60s;
    while (!read_text("/proc/" + id() + "/syscall").starts_with("0 ")) {
      must(std::chrono::steady_clock::now() < limit, "an actor that waits");
      std::this_thread::yield();
    }
  }

  int orders_[2]{};
  int answers_[2]{};
  pid_t pid_ = -1;
};

long call32(long number, long first = 0) {
  long result = number;
  asm volatile("int $0x80" : "+a"(result) : "b"(first) : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
}

void repeat(int times, long number) {
  for (int i = 0; i < times; ++i) ::syscall(number, 0L, 0L, 0L, 0L);
}

// What is expected of a row.
struct Row {
  std::int64_t calls = 0;
  std::int64_t errors = 0;
  std::int64_t timed = 0;
  std::int64_t interrupted = 0;
  std::int64_t under_way = 0;
  bool operator==(const Row&) const = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.calls << " calls, " << row.errors << " errors, " << row.timed << " timed, "
         << row.interrupted << " interrupted, " << row.under_way << " under way";
  }
};
using Rows = std::map<std::string, Row>;  // by "openat", "getpid [32]", "openat ENOENT"

Rows rows_of(const std::vector<Event>& events) {
  Rows rows;
  for (const Event& event : where(events, "evt.type", "syscalls")) {
    std::string name = text_of(event, "evt.syscall");
    if (flag_of(event, "evt.is_compat")) name += " [32]";
    if (!text_of(event, "evt.res").empty()) name += " " + text_of(event, "evt.res");
    Row& row = rows[name];
    row.calls += number_of(event, "stat.calls");
    row.errors += number_of(event, "stat.errors");
    row.timed += number_of(event, "stat.timed");
    row.interrupted += number_of(event, "stat.interrupted");
    row.under_way = number_of(event, "stat.under_way");  // of the last table
  }
  return rows;
}

Event row_named(const std::vector<Event>& events, std::string_view call) {
  const auto found = where(where(events, "evt.type", "syscalls"), "evt.syscall", call);
  return found.size() == 1 ? found[0] : Event{};
}

Event sums_of(const std::vector<Event>& events) {
  const auto found = where(events, "evt.type", "syscalls.total");
  return found.empty() ? Event{} : found.back();
}

// Of the actor itself: the read that it was told in began before the view, and it is in one now.
const Row k_gate{.calls = 1, .under_way = 1};

Ended count(const Actor& actor, std::vector<std::string> options) {
  std::vector<std::string> words{"stat", "syscalls", "-o", "json", "--pid", actor.id()};
  words.insert(words.end(), options.begin(), options.end());
  Agent agent(words);
  actor.act();
  Ended ended = agent.stop(SIGINT);
  EXPECT_EQ(ended.status, 0) << ended.error;
  return ended;
}

TEST(Stat, EveryCallIsCountedOnceWithItsErrorsAndDurations) {
  const Actor actor([] {
    repeat(1000, SYS_getppid);
    for (int i = 0; i < 500; ++i) ::syscall(SYS_openat, AT_FDCWD, "/nowhere", O_RDONLY, 0L);
    for (int i = 0; i < 200; ++i) call32(20);     // getpid
    for (int i = 0; i < 100; ++i) call32(6, -1);  // close
    for (int i = 0; i < 7; ++i) ::syscall(5000 + i);
    const timespec time{.tv_sec = 0, .tv_nsec = 20'000'000};
    for (int i = 0; i < 3; ++i) ::syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0L, &time, nullptr);
  });
  const Ended ended = count(actor, {});
  const Rows expected{
      {"getppid", {.calls = 1000, .timed = 1000}},
      {"openat", {.calls = 500, .errors = 500, .timed = 500}},
      {"getpid [32]", {.calls = 200, .timed = 200}},
      {"close [32]", {.calls = 100, .errors = 100, .timed = 100}},
      {"unknown", {.calls = 7, .errors = 7, .timed = 7}},
      {"clock_nanosleep", {.calls = 3, .timed = 3}},
      {"write", {.calls = 1, .timed = 1}},
      {"read", k_gate},
  };
  EXPECT_EQ(rows_of(ended.events), expected);

  const Event slept = row_named(ended.events, "clock_nanosleep");
  for (const char* field : {"stat.mean", "stat.max"})
    EXPECT_GE(number_of(slept, field), 20'000'000);
  EXPECT_GE(number_of(slept, "stat.total"), 60'000'000);
  EXPECT_GE(number_of(slept, "stat.p99"), 16'000'000);  // its slot begins there
  EXPECT_LE(number_of(slept, "stat.p99"), number_of(slept, "stat.max"));
  EXPECT_GT(number_of(row_named(ended.events, "getppid"), "stat.p99"), 0);

  const Event sums = sums_of(ended.events);
  EXPECT_EQ(number_of(sums, "stat.calls"), 1000 + 500 + 200 + 100 + 7 + 3 + 2);
  EXPECT_EQ(number_of(sums, "stat.errors"), 607);
  EXPECT_EQ(number_of(sums, "stat.calls_without_row"), 0);
  EXPECT_EQ(number_of(sums, "stat.skipped"), 0);
  // What has not returned has been under way since it began, in the view.
  const Event gate = row_named(ended.events, "read");
  EXPECT_FALSE(flag_of(gate, "stat.under_way_older"));
  EXPECT_LT(number_of(gate, "stat.under_way_for"), number_of(gate, "stat.interval"));
}

TEST(Stat, ErrorsHaveTheirNames) {
  const Actor actor([] {
    for (int i = 0; i < 5; ++i) ::syscall(SYS_openat, AT_FDCWD, "/nowhere", O_RDONLY, 0L);
    for (int i = 0; i < 4; ++i) ::syscall(SYS_openat, AT_FDCWD, "/etc/passwd/x", O_RDONLY, 0L);
    for (int i = 0; i < 3; ++i) ::syscall(SYS_close, -1L);
    repeat(2, SYS_getppid);
  });
  const Rows expected{
      {"openat ENOENT", {.calls = 5, .errors = 5, .timed = 5}},
      {"openat ENOTDIR", {.calls = 4, .errors = 4, .timed = 4}},
      {"close EBADF", {.calls = 3, .errors = 3, .timed = 3}},
      {"getppid SUCCESS", {.calls = 2, .timed = 2}},
      {"write SUCCESS", {.calls = 1, .timed = 1}},
      {"read SUCCESS", {.calls = 1}},
      {"read", {.under_way = 1}},
  };
  EXPECT_EQ(rows_of(count(actor, {"--by", "errno,call"}).events), expected);
}

TEST(Stat, ACallThatASignalInterruptsIsToldFromOneThatFails) {
  const Actor actor(
      [] {
        const itimerval soon{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 20'000}};
        ::syscall(SYS_setitimer, ITIMER_REAL, &soon, nullptr);
        ::syscall(SYS_pause);
      },
      [] { std::signal(SIGALRM, [](int) {}); });
  const Rows expected{
      {"setitimer SUCCESS", {.calls = 1, .timed = 1}},
      {"pause ERESTARTNOHAND", {.calls = 1, .timed = 1, .interrupted = 1}},
      // It returns what the interrupted call returned, under no number of its own.
      {"rt_sigreturn EINTR", {.calls = 1, .errors = 1, .timed = 1}},
      {"write SUCCESS", {.calls = 1, .timed = 1}},
      {"read SUCCESS", {.calls = 1}},
      {"read", {.under_way = 1}},
  };
  EXPECT_EQ(rows_of(count(actor, {"--by", "call,errno"}).events), expected);
}

TEST(Stat, WhatSeccompRefusesHasNoDuration) {
  const auto refuse_getppid = [] {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{.len = 4, .filter = code};
    must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
             ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
         "seccomp");
  };
  const Actor actor([] { repeat(5, SYS_getppid); }, refuse_getppid);
  const Rows rows = rows_of(count(actor, {}).events);
  EXPECT_EQ(rows.at("getppid"), (Row{.calls = 5, .errors = 5}));
}

TEST(Stat, AForkIsTheParentsAndAnExitNeverReturns) {
  const Actor actor([] {
    for (int i = 0; i < 10; ++i) {
      const long child = ::syscall(SYS_fork);
      if (child == 0) ::syscall(i % 2 == 0 ? SYS_exit_group : SYS_exit, 0L);
      ::syscall(SYS_wait4, child, nullptr, 0L, nullptr);
    }
  });
  const Rows expected{
      {"fork", {.calls = 10, .timed = 10}}, {"wait4", {.calls = 10, .timed = 10}},
      {"exit_group", {.calls = 5}},         {"exit", {.calls = 5}},
      {"write", {.calls = 1, .timed = 1}},  {"read", k_gate},
  };
  EXPECT_EQ(rows_of(count(actor, {"--children"}).events), expected);
}

// The thread gets the id of its process in the middle of the call.
TEST(Stat, AnExecIsCountedAsWhatItWasCalledAs) {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/tiny";
  write_tiny_program(program);
  const Actor actor([&] {
    const pid_t child = ::fork();
    if (child == 0) {
      std::thread([&] { ::execl(program.c_str(), program.c_str(), nullptr); }).join();
      ::_exit(1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    must(status == 0, "the program");
  });
  const Ended ended = count(actor, {"--children", "--by", "process,call"});
  const auto execs = where(ended.events, "evt.syscall", "execve");
  ASSERT_EQ(execs.size(), 1U);
  EXPECT_EQ(number_of(execs[0], "stat.calls"), 1);
  EXPECT_EQ(number_of(execs[0], "stat.timed"), 1);
  EXPECT_EQ(number_of(execs[0], "stat.errors"), 0);
  EXPECT_EQ(text_of(execs[0], "proc.name"), "tiny");
  EXPECT_NE(number_of(execs[0], "proc.pid"), actor.pid());
  EXPECT_GT(number_of(execs[0], "proc.start_time"), 0);
}

TEST(Stat, AFilterLetsInTheProcessAloneOrAllThatDescends) {
  // The grandchild's parent ends before the grandchild acts.
  const auto act = [] {
    repeat(10, SYS_getppid);
    int gate[2];
    must(::pipe(gate) == 0, "pipe");
    const pid_t child = ::fork();
    if (child == 0) {
      if (::fork() == 0) {
        char byte = 0;
        ::close(gate[1]);
        ::read(gate[0], &byte, 1);  // ends when the actor closes its end: the child has ended
        repeat(20, SYS_getpgrp);
        ::kill(::getppid(), 0);
        ::_exit(0);
      }
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    ::close(gate[0]);
    ::close(gate[1]);
  };
  const Actor actor(act);
  const Actor other([] { repeat(1000, SYS_getsid); });
  const auto rows = [&](std::vector<std::string> options, bool grandchild) {
    std::vector<std::string> words{"stat", "syscalls", "-o", "json", "--interval", "100ms"};
    words.insert(words.end(), options.begin(), options.end());
    Agent agent(words);
    other.act();
    actor.act();
    if (grandchild)
      agent.wait_for([](const auto& events) {
        const auto all = rows_of(events);
        const auto found = all.find("exit_group");
        return found != all.end() && found->second.calls >= 2;
      });
    return rows_of(agent.stop(SIGINT).events);
  };
  const Rows alone = rows({"--pid", actor.id()}, false);
  EXPECT_EQ(alone.at("getppid").calls, 10);
  EXPECT_FALSE(alone.contains("getpgrp"));
  EXPECT_FALSE(alone.contains("getsid"));
  const Rows family = rows({"--pid", actor.id(), "--children"}, true);
  EXPECT_EQ(family.at("getppid").calls, 11);
  EXPECT_EQ(family.at("getpgrp").calls, 20);
  EXPECT_FALSE(family.contains("getsid"));
  const Rows all = rows({}, false);
  EXPECT_EQ(all.at("getsid").calls, 1000);
  EXPECT_GE(all.at("getppid").calls, 10);
}

TEST(Stat, AFilterByCgroup) {
  const std::string cgroup = "/sys/fs/cgroup/stat-test";
  std::filesystem::create_directory(cgroup);
  std::filesystem::create_directory(cgroup + "/below");
  {
    const Actor inside([] { repeat(10, SYS_getppid); });
    const Actor outside([] { repeat(1000, SYS_getsid); });
    std::ofstream(cgroup + "/below/cgroup.procs") << inside.id() << std::flush;
    Agent agent({"stat", "syscalls", "-o", "json", "--cgroup", "/stat-test"});
    inside.act();
    outside.act();
    const Rows expected{{"getppid", {.calls = 10, .timed = 10}},
                        {"write", {.calls = 1, .timed = 1}},
                        {"read", k_gate}};
    EXPECT_EQ(rows_of(agent.stop(SIGINT).events), expected);
    // The same, asked while the actor has made no call in the view: it is in one that is older.
    Agent again({"stat", "syscalls", "-o", "json", "--cgroup", "/stat-test"});
    const Ended ended = again.stop(SIGINT);
    EXPECT_EQ(rows_of(ended.events), (Rows{{"read", {.under_way = 1}}}));
    EXPECT_TRUE(flag_of(row_named(ended.events, "read"), "stat.under_way_older"));
  }
  std::filesystem::remove(cgroup + "/below");
  std::filesystem::remove(cgroup);
}

// Tables are exchanged while calls are being counted on all processors.
TEST(Stat, NoCallIsLostBetweenTwoTables) {
  constexpr int k_threads = 4;
  constexpr int k_calls = 100'000;
  const Actor actor([] {
    std::vector<std::thread> threads;
    for (int i = 0; i < k_threads; ++i) threads.emplace_back([] { repeat(k_calls, SYS_getppid); });
    for (std::thread& thread : threads) thread.join();
  });
  const Ended ended = count(actor, {"--interval", "20ms"});
  EXPECT_GT(where(ended.events, "evt.type", "syscalls.total").size(), 3U);
  EXPECT_EQ(rows_of(ended.events).at("getppid"),
            (Row{.calls = k_threads * k_calls, .timed = k_threads * k_calls}));
}

TEST(Stat, WhatFoundNoRoomIsSaidAndInTheSums) {
  const Actor actor([] {
    repeat(10, SYS_getppid);
    repeat(20, SYS_getpgrp);
    repeat(30, SYS_getuid);
    repeat(40, SYS_getgid);
  });
  const Ended ended = count(actor, {"--rows", "2"});
  std::int64_t in_rows = 0;
  std::size_t counted = 0;
  for (const auto& [name, row] : rows_of(ended.events)) {
    in_rows += row.calls;
    if (row.calls != 0) ++counted;
  }
  EXPECT_EQ(counted, 2U);
  const Event sums = sums_of(ended.events);
  EXPECT_EQ(number_of(sums, "stat.calls"), 102);
  EXPECT_EQ(number_of(sums, "stat.calls_without_row"), 102 - in_rows);
  EXPECT_NE(ended.error.find("full with 2 rows: " + std::to_string(102 - in_rows) + " calls"),
            std::string::npos)
      << ended.error;
}

TEST(Stat, ATableForPeople) {
  const Actor actor([] { repeat(12, SYS_getppid); });
  const Agent agent({"stat", "syscalls", "--by", "process", "--pid", actor.id()});
  actor.act();
  const std::string path = agent.output_path();
  ::kill(agent.keeper(), SIGINT);
  std::string text;
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (text.find("without a duration") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << text;
    std::ifstream file(path);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(text.find("14 calls in "), std::string::npos) << text;
  EXPECT_NE(text.find("\n" + actor.id() + "  stat_vm_test "), std::string::npos) << text;
  EXPECT_NE(text.find("1 for "), std::string::npos) << text;
}

std::size_t newer(const std::set<std::uint32_t>& now, const std::set<std::uint32_t>& before) {
  return static_cast<std::size_t>(
      std::ranges::count_if(now, [&](std::uint32_t id) { return !before.contains(id); }));
}

// What the view before this one had may still be on its way out: it is in `before`.
void wait_for_nothing_new(const BpfIds& before) {
  const auto limit = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    const BpfIds now = BpfIds::now();
    if (newer(now.programs, before.programs) + newer(now.maps, before.maps) +
            newer(now.links, before.links) ==
        0)
      return;
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << "something is left in the kernel";
    std::this_thread::yield();
  }
}

TEST(Stat, NothingIsLeftHoweverItEnds) {
  const BpfIds before = BpfIds::now();
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    Agent agent(
        {"stat", "syscalls", "-o", "json", "--pid", std::to_string(::getpid()), "--children"});
    EXPECT_EQ(newer(BpfIds::now().links, before.links), 3U) << "begin, return, fork";
    EXPECT_EQ(agent.stop(signal).status, signal == SIGKILL ? 128 + SIGKILL : 0);
    wait_for_nothing_new(before);
  }
  EXPECT_EQ(run({gancho_path(), "stat", "syscalls", "--for", "100ms"}).status, 0);
  wait_for_nothing_new(before);
}

TEST(Stat, WithoutRootItSaysSo) {
  const Ran ran = run({"setpriv", "--reuid", "65534", gancho_path(), "stat", "syscalls"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.error, "gancho: counting system calls needs root: it loads BPF programs\n");
}

// "% time  seconds  usecs/call  calls  [errors]  syscall"
std::map<std::string, std::pair<std::int64_t, std::int64_t>> strace_counts(
    const std::string& text) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> cells;
    for (std::string word; words >> word;) cells.push_back(word);
    if (cells.size() < 5 || !std::isdigit(static_cast<unsigned char>(cells[0][0])) ||
        cells.back() == "total")
      continue;
    counts[cells.back()] = {std::stoll(cells[3]), cells.size() > 5 ? std::stoll(cells[4]) : 0};
  }
  return counts;
}

TEST(Stat, CountsWhatStraceCounts) {
  const TemporaryDirectory directory;
  const std::string out = directory.path() + "/counts";
  const Actor actor([] {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl("/bin/sh", "sh", "-c",
              "ls -lR /etc/ssl /etc/alternatives /nowhere | sort | tail -3; cat /etc/os-release; "
              "find /etc/systemd -name '*.conf' | wc -l",
              nullptr);
      ::_exit(127);
    }
    ::waitpid(child, nullptr, 0);
  });
  const pid_t strace = ::fork();
  if (strace == 0) {
    ::execlp("strace", "strace", "-f", "-c", "-o", out.c_str(), "-p", actor.id().c_str(), nullptr);
    ::_exit(127);
  }
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (read_text("/proc/" + actor.id() + "/status").find("TracerPid:\t0\n") != std::string::npos)
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << "strace does not attach";
  const Ended ended = count(actor, {"--children"});
  ::kill(strace, SIGINT);
  ::waitpid(strace, nullptr, 0);

  auto theirs = strace_counts(read_text(out));
  ASSERT_GT(theirs.size(), 15U) << read_text(out);
  Rows ours = rows_of(ended.events);
  // strace came in the middle of a read, and shows a call at its return: no exit.
  for (const char* name : {"read", "exit", "exit_group", "restart_syscall"}) {
    theirs.erase(name);
    ours.erase(name);
  }
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  for (const auto& [name, row] : ours)
    if (row.calls != 0) counts[name] = {row.calls, row.errors + row.interrupted};
  EXPECT_EQ(counts, theirs);
}

}  // namespace
}  // namespace gancho::test
