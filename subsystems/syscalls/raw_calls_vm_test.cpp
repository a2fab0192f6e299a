// SPDX-License-Identifier: Apache-2.0
//
// System calls that are asked for by name: every field, both tables, blocking and interrupted ones,
// those that never return or return as somebody else, and none that nobody asked for.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "support/call_truth.h"
#include "support/load.h"

namespace gancho::test {

const std::vector<std::string> k_watched{
    "syscall:uname", "syscall:sethostname", "syscall:getppid",    "syscall:nanosleep",
    "syscall:stat",  "syscall:getuid32",    "syscall:oldolduname"};

namespace {

// The fields of the event "syscall": see expected(). What a register held that the case did not set
// is anything.
Event raw(const Done& done, std::int64_t number, bool compat, const std::vector<Word>& arguments,
          long returned) {
  Event fields = expected(done, "syscall", {.number = number, .compat = compat});
  fields.erase("evt.arg.user_memory");
  fields.erase("evt.is_io_uring");
  fields["evt.rawres"] = returned;
  fields["evt.latency"] = nullptr;
  for (std::size_t i = 0; i < 6; ++i) {
    boost::json::value& field = fields["evt.arg." + std::to_string(i)];
    field = nullptr;
    if (i < arguments.size())
      field = arguments[i];
    else if (!compat)
      field = 0;
    else if (i < 5)
      field = 0;
  }
  return fields;
}

struct Way {
  std::string name;
  long number;
  bool compat = false;
  [[nodiscard]] long call(const std::vector<Word>& arguments) const {
    return compat ? call32(number, arguments) : call64(number, arguments);
  }
};

// Each as one record with all of its fields; gives the record.
Event check(
    const Way& way, const std::vector<Word>& arguments, long result,
    const std::function<void()>& stage = [] {}) {
  const std::string name = way.name + (way.compat ? ", 32 bits" : "");
  const Done done = perform(name, {.stage = stage, .call = [&] { return way.call(arguments); }});
  EXPECT_EQ(done.result, result) << name;
  return check_records(name, done, {raw(done, way.number, way.compat, arguments, done.result)})[0];
}

TEST(RawCalls, SucceedByBothTables) {
  const Word place = word(low_bytes(1024));
  check({"uname", SYS_uname}, {place}, 0);
  check({"uname", 122, true}, {place}, 0);
  check({"oldolduname", 59, true}, {place}, 0);
  check({"stat", SYS_stat}, {word(low("/")), place}, 0);
  check({"stat", 106, true}, {word(low("/")), place}, 0);
  check({"uname", SYS_uname}, {place, 2, ~Word{0}, 1, 5, 0x123456789abcdef}, 0);
}

TEST(RawCalls, FailWithTheirErrno) {
  const auto nobody = [] { must(::setresuid(1000, 1000, 1000) == 0, "setresuid"); };
  check({"sethostname", SYS_sethostname}, {word(low("x")), 1}, -EPERM, nobody);
  check({"sethostname", 74, true}, {word(low("x")), 1}, -EPERM, nobody);
  check({"sethostname", SYS_sethostname}, {word(low("x")), 65}, -EINVAL);
  check({"uname", SYS_uname}, {1}, -EFAULT);
  check({"stat", SYS_stat}, {word(low("/nothing/there")), 0}, -ENOENT);
}

TEST(RawCalls, GiveWhatTheyReturn) {
  for (const Way& way : {Way{"getppid", SYS_getppid}, Way{"getppid", 64, true}}) {
    const Done done = perform(way.name, {.call = [&] { return way.call({}); }});
    EXPECT_EQ(done.result, done.process.facts.ppid);
    check_records(way.name, done, {raw(done, way.number, way.compat, {}, done.result)});
  }
}

template <class Spec>
Word spec(std::int32_t seconds, std::int32_t ns) {
  auto* const at = static_cast<Spec*>(low_bytes(sizeof(Spec)));
  (*at)[0] = seconds;
  (*at)[1] = ns;
  return word(at);
}
using Spec64 = std::array<std::int64_t, 2>;
using Spec32 = std::array<std::int32_t, 2>;

TEST(RawCalls, BlockForAsLongAsTheyLike) {
  constexpr std::int64_t k_long = 50'000'000;
  const Word left = word(low_bytes(16));
  const Event sleeps[] = {check({"nanosleep", SYS_nanosleep}, {spec<Spec64>(0, k_long), left}, 0),
                          check({"nanosleep", 162, true}, {spec<Spec32>(0, k_long), left}, 0)};
  for (const Event& sleep : sleeps) {
    EXPECT_GE(number_of(sleep, "evt.latency"), k_long);
    EXPECT_LT(number_of(sleep, "evt.latency"), 100 * k_long);
  }
  EXPECT_LT(number_of(check({"uname", SYS_uname}, {1}, -EFAULT), "evt.latency"), k_long);
}

// The kernel's own word for it, which the caller never sees.
TEST(RawCalls, AreInterrupted) {
  const std::vector<Word> arguments{spec<Spec64>(60, 0), 0};
  const Done done = perform(
      "interrupted", {.call = [&] {
        struct sigaction action{};
        action.sa_handler = [](int) {};
        ::sigaction(SIGALRM, &action, nullptr);
        timer_t timer{};
        sigevent event{};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGALRM;
        must(::timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
        const itimerspec soon{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 20'000'000}};
        must(::timer_settime(timer, 0, &soon, nullptr) == 0, "timer_settime");
        return call64(SYS_nanosleep, arguments);
      }});
  EXPECT_EQ(done.result, -EINTR);
  check_records("interrupted", done, {raw(done, SYS_nanosleep, false, arguments, -516)});
}

// getuid32 shares its function with the 64-bit getuid, and stat another number's call.
TEST(RawCalls, OnlyThoseThatWereAskedFor) {
  check({"getuid32", 199, true}, {}, 0);
  const auto none = [](const std::string& name, const std::function<long()>& call) {
    check_records(name, perform(name, {.call = call}), {});
  };
  none("getuid", [] { return call64(SYS_getuid, {}); });
  none("getuid, 32 bits", [] { return call32(24, {}); });
  none("getpid", [] { return call64(SYS_getpid, {}); });
  none("fstat", [] { return call64(SYS_fstat, {0, word(low_bytes(256))}); });
  none("stat64", [] { return call32(195, {word(low("/")), word(low_bytes(256))}); });
  none("olduname", [] { return call32(109, {word(low_bytes(1024))}); });
  none("beyond the table", [] { return call64(511, {}); });
}

// ---- agents of their own ----

// Forks a child for `act`, whose end is waited for.
pid_t in_child(const std::function<void()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    act();
    ::_exit(99);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return pid;
}

std::vector<Event> of(const std::vector<Event>& events, pid_t pid, std::string_view call) {
  std::vector<Event> found;
  for (const Event& event : where(events, "evt.syscall", call))
    if (number_of(event, "proc.pid") == pid) found.push_back(event);
  return found;
}

std::string me() {
  return std::to_string(::getpid());
}

TEST(RawCallsThat, NeverReturnOrReturnAsSomebodyElse) {
  Agent agent({"watch", "exec", "syscall:exit", "syscall:exit_group", "syscall:execve",
               "syscall:rt_sigreturn", "--pid", me(), "--children", "-o", "json"});
  const pid_t group = in_child([] { call64(SYS_exit_group, {7, 2, 3, 4, 5, 6}); });
  const pid_t one = in_child([] { call64(SYS_exit, {8}); });
  const pid_t group32 = in_child([] { call32(252, {9}); });
  const pid_t one32 = in_child([] { call32(1, {10}); });
  std::string path = "/bin/true";
  std::array<char*, 2> arguments{path.data(), nullptr};
  const pid_t executed =
      in_child([&] { call64(SYS_execve, {word(path.data()), word(arguments.data()), 0}); });
  const pid_t failed = in_child([&] {
    call64(SYS_execve, {word("/nothing/there"), word(arguments.data()), 0, 4, 5, 6});
    call64(SYS_exit_group, {0});
  });
  const pid_t signalled = in_child([] {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &action, nullptr);
    ::raise(SIGUSR1);
  });
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.status, 0) << ended.error;

  const auto single = [&](pid_t pid, std::string_view call) {
    const auto found = of(ended.events, pid, call);
    EXPECT_EQ(found.size(), 1U) << call;
    return found.empty() ? Event{} : found[0];
  };
  const std::tuple<pid_t, const char*, int, bool> ends[] = {{group, "exit_group", 7, false},
                                                            {one, "exit", 8, false},
                                                            {group32, "exit_group", 9, true},
                                                            {one32, "exit", 10, true}};
  for (const auto& [pid, call, status, compat] : ends) {
    const Event end = single(pid, call);
    EXPECT_EQ(number_of(end, "evt.arg.0"), status) << call;
    EXPECT_EQ(flag_of(end, "evt.is_compat"), compat) << call;
    EXPECT_EQ(text_of(end, "evt.res"), "SUCCESS");
    EXPECT_FALSE(end.contains("evt.rawres") || end.contains("evt.latency"));
  }
  EXPECT_EQ(number_of(single(group, "exit_group"), "evt.arg.5"), 6);

  const Event exec = single(executed, "execve");
  EXPECT_EQ(static_cast<Word>(number_of(exec, "evt.arg.0")), word(path.data()));
  EXPECT_EQ(static_cast<Word>(number_of(exec, "evt.arg.1")), word(arguments.data()));
  EXPECT_EQ(number_of(exec, "evt.rawres"), 0);
  EXPECT_EQ(text_of(exec, "proc.name"), "true");
  EXPECT_GT(number_of(exec, "evt.latency"), 0);
  const Event failure = single(failed, "execve");
  EXPECT_EQ(text_of(failure, "evt.res"), "ENOENT");
  EXPECT_EQ(number_of(failure, "evt.rawres"), -ENOENT);
  EXPECT_EQ(number_of(failure, "evt.arg.5"), 6);
  EXPECT_EQ(text_of(single(signalled, "rt_sigreturn"), "evt.syscall"), "rt_sigreturn");
  EXPECT_EQ(where(where(ended.events, "evt.type", "exec"), "proc.exepath", "/usr/bin/true").size() +
                where(where(ended.events, "evt.type", "exec"), "proc.exepath", "/bin/true").size(),
            1U);
}

// More than the kernel has probes of returns for: what came back unseen is counted when its task
// calls again.
TEST(RawCallsThat, AreLostAreCounted) {
  constexpr int k_threads = 60;
  Agent agent({"watch", "syscall:clock_nanosleep", "--pid", me(), "-o", "json"});
  std::barrier both(k_threads);
  std::vector<std::thread> threads;
  for (int i = 0; i < k_threads; ++i)
    threads.emplace_back([&both] {
      both.arrive_and_wait();
      const timespec together{.tv_sec = 1, .tv_nsec = 0};
      call64(SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, word(&together), 0});
      both.arrive_and_wait();
      static std::mutex alone;
      const std::lock_guard lock(alone);
      const timespec shortly{.tv_sec = 0, .tv_nsec = 1};
      call64(SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, word(&shortly), 0});
    });
  for (std::thread& thread : threads) thread.join();
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.status, 0) << ended.error;
  const auto& bulk = ended.account.at("bulk").as_object();
  const std::int64_t lost = number_of(bulk, "lost_slot") + number_of(bulk, "lost_ring");
  std::printf("[ lost     ] %ld of %d\n", static_cast<long>(lost), 2 * k_threads);
  EXPECT_EQ(number_of(bulk, "offered"), 2 * k_threads);
  EXPECT_EQ(number_of(bulk, "delivered") + lost, 2 * k_threads);
  EXPECT_EQ(where(ended.events, "evt.syscall", "clock_nanosleep").size(),
            static_cast<std::size_t>(number_of(bulk, "delivered")));
}

void reload(const Agent& agent) {
  ASSERT_EQ(::kill(agent.keeper(), SIGHUP), 0);
  agent.wait_for_notice("RELOADING=1");
  agent.wait_for_notice("READY=1");
}

TEST(RawCallsThat, AreAskedForAnewOnReload) {
  const TemporaryDirectory directory;
  const std::string config = directory.path() + "/gancho.yaml";
  const auto configure = [&](const std::string& events) {
    std::ofstream(config) << "events: [" << events << "]\nfilter:\n  pid: " << me()
                          << "\noutput:\n  file: \"-\"\nsocket: \"\"\n";
  };
  configure("syscall:uname, syscall:getppid");
  Agent agent({"run", "--config", config});
  utsname name{};
  const auto call_all = [&] {
    call64(SYS_uname, {word(&name)});
    call64(SYS_getppid, {});
    call64(SYS_getpgid, {0});
  };
  const auto seen = [&](std::string_view last) {
    const auto events = agent.wait_for(
        [&](const std::vector<Event>& all) { return !where(all, "evt.syscall", last).empty(); });
    return events.size();
  };
  call_all();
  EXPECT_EQ(seen("getppid"), 2U);
  configure("syscall:uname, syscall:getpgid");
  reload(agent);
  call_all();
  EXPECT_EQ(seen("getpgid"), 4U);

  // What cannot be had changes nothing.
  for (const char* wrong : {"syscall:getpmsg", "syscall:nothing"}) {
    configure(wrong);
    reload(agent);
  }
  EXPECT_NE(agent.error().find("this kernel has no system call getpmsg"), std::string::npos);
  EXPECT_NE(agent.error().find("unknown system call \"nothing\""), std::string::npos);
  call_all();
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_EQ(where(ended.events, "evt.syscall", "uname").size(), 3U);
  EXPECT_EQ(where(ended.events, "evt.syscall", "getpgid").size(), 2U);
  EXPECT_EQ(where(ended.events, "evt.syscall", "getppid").size(), 1U);
}

// Whom the kernel lists as probed: each function by itself, and those of kprobe.multi.
std::string attached_calls() {
  std::string found;
  for (const char* path :
       {"/sys/kernel/debug/kprobes/list", "/sys/kernel/debug/tracing/enabled_functions"}) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    for (std::string line; std::getline(file, line);)
      if (line.find("_sys_getsid") != std::string::npos) found += line + "\n";
  }
  return found;
}

TEST(RawCallsThat, NobodyAsksForHaveNoProbes) {
  EXPECT_EQ(attached_calls(), "");
  Agent agent({"watch", "syscall:getsid", "-o", "json"});
  EXPECT_NE(attached_calls(), "");
  EXPECT_EQ(agent.stop().status, 0);
  EXPECT_EQ(attached_calls(), "");
}

TEST(RawCallsThat, ThisKernelLacksAreNamed) {
  const Ran ran = run({gancho_path(), "watch", "syscall:uname", "syscall:getpmsg", "--for", "1s"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.error, "gancho: this kernel has no system call getpmsg\n");
}

}  // namespace
}  // namespace gancho::test
