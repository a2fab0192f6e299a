// SPDX-License-Identifier: Apache-2.0
//
// The process table, through `gancho ps`, held against /proc: families with dead parents, processes
// from before and after the agent's start, floods, killed workers; and who may ask.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/load.h"
#include "support/puppets.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string link_of(const std::string& path) {
  std::error_code error;
  return fs::read_symlink(path, error);
}

// A process as /proc shows it.
struct Truth {
  std::string name, args, exe, cwd, cgroup;
  std::int64_t ppid = -1, session = -1, uid = -1, start_ticks = -1;
  bool zombie = false;
};

std::optional<Truth> look(std::int64_t pid) {
  const std::string at = "/proc/" + std::to_string(pid);
  const std::string stat = read_text(at + "/stat");
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (close == std::string::npos) return std::nullopt;
  Truth truth;
  truth.name = stat.substr(open + 1, close - open - 1);
  std::istringstream rest(stat.substr(close + 2));
  char state = 0;
  std::int64_t ignored = 0;
  rest >> state >> truth.ppid >> ignored >> truth.session;
  for (int i = 7; i <= 21; ++i) rest >> ignored;
  rest >> truth.start_ticks;
  truth.zombie = state == 'Z' || state == 'X';
  truth.args = read_text(at + "/cmdline");
  truth.exe = link_of(at + "/exe");
  truth.cwd = link_of(at + "/cwd");
  const std::string status = read_text(at + "/status");
  std::istringstream(status.substr(status.find("\nUid:") + 5)) >> ignored >> truth.uid;
  std::istringstream groups(read_text(at + "/cgroup"));
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::")) truth.cgroup = line.substr(3);
  return truth;
}

// All processes of the machine.
struct Look {
  std::int64_t began = 0;  // boot clock, ns
  std::map<std::int64_t, Truth> processes;
};

Look look_at_all() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  Look look_at{.began = now.tv_sec * 1'000'000'000 + now.tv_nsec, .processes = {}};
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto truth = look(std::stoll(name)); truth && !truth->zombie)
      look_at.processes.emplace(std::stoll(name), *truth);
  }
  return look_at;
}

using Table = std::map<std::int64_t, Event>;  // by pid

Table ps(const std::vector<std::string>& options = {}) {
  std::vector<std::string> command{gancho_path(), "ps", "-o", "json"};
  command.insert(command.end(), options.begin(), options.end());
  const Ran ran = run(command);
  EXPECT_EQ(ran.status, 0) << ran.error;
  Table table;
  for (const Event& event : parse_events(ran.output)) table[number_of(event, "proc.pid")] = event;
  return table;
}

// "name pid", a dead one's in brackets; from the parent up, as far as `until`.
std::vector<std::string> ancestors_of(const Event& event, std::int64_t until = 1) {
  std::vector<std::string> found;
  for (const auto& value : event.at("proc.ancestors").as_array()) {
    const Event& ancestor = value.as_object();
    const std::string text =
        text_of(ancestor, "name") + " " + std::to_string(number_of(ancestor, "pid"));
    found.push_back(flag_of(ancestor, "alive") ? text : "[" + text + "]");
    if (number_of(ancestor, "pid") == until) break;
  }
  return found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + '\0';
  return text;
}

// That every process that was there before and after the question is in the answer, as it is; and
// that nobody else is, but for those who came or went meanwhile.
void expect_truth(const Look& look_before, const Table& table, const Look& look_after) {
  const auto& before = look_before.processes;
  const auto& after = look_after.processes;
  for (const auto& [pid, truth] : before) {
    const auto later = after.find(pid);
    if (later == after.end() || later->second.start_ticks != truth.start_ticks ||
        later->second.args != truth.args || later->second.name != truth.name)
      continue;
    SCOPED_TRACE(std::to_string(pid) + " " + truth.name);
    const auto entry = table.find(pid);
    ASSERT_NE(entry, table.end());
    const Event& event = entry->second;
    EXPECT_TRUE(flag_of(event, "proc.alive"));
    EXPECT_NEAR(static_cast<double>(number_of(event, "proc.start_time")),
                static_cast<double>(truth.start_ticks) * 1e7, 1e7);
    EXPECT_EQ(joined(list_of(event, "proc.args")), truth.args);
    EXPECT_EQ(text_of(event, "proc.exepath"), truth.exe);
    if (!flag_of(event, "proc.is_kernel")) {
      EXPECT_EQ(text_of(event, "proc.name"), truth.name.substr(0, 15));
      EXPECT_EQ(text_of(event, "cgroup.path"), truth.cgroup);
    }
    EXPECT_EQ(number_of(event, "user.uid"), truth.uid);
    // Of one whose parent has died the table says who that was.
    const auto parent = before.find(number_of(event, "proc.ppid"));
    if (parent != before.end() && truth.ppid != 0) {
      EXPECT_EQ(parent->first, truth.ppid);
    }
  }
  for (const auto& [pid, event] : table)
    EXPECT_TRUE(before.contains(pid) || number_of(event, "proc.start_time") > look_before.began ||
                text_of(event, "proc.name").starts_with("kworker"))
        << boost::json::serialize(event);
}

// The kernel takes its time with what nobody holds any more, be it from before.
void expect_nothing_left(const BpfIds& before) {
  const auto limit = std::chrono::steady_clock::now() + 30s;
  const auto nothing_new = [&] {
    const BpfIds now = BpfIds::now();
    return std::ranges::includes(before.programs, now.programs) &&
           std::ranges::includes(before.maps, now.maps) &&
           std::ranges::includes(before.links, now.links);
  };
  while (!nothing_new()) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << "something is left in the kernel";
    std::this_thread::sleep_for(20ms);
  }
}

class TableTest : public testing::Test {
 protected:
  void SetUp() override { write_tiny_program(program_); }

  void configure(const std::string& more = "") const {
    std::ofstream(config_) << "events: [exit]\nsocket: " << socket_
                           << "\noutput:\n  file: " << output_ << "\n"
                           << more;
  }
  [[nodiscard]] std::vector<std::string> run_words() const { return {"run", "--config", config_}; }
  [[nodiscard]] Table ask() const { return ps({"--socket", socket_}); }

  // Waits until the table satisfies `enough`.
  template <class Enough>
  Table ask_until(Enough enough) const {
    const auto limit = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      Table table = ask();
      if (enough(table)) return table;
      if (std::chrono::steady_clock::now() > limit) {
        ADD_FAILURE() << "waited in vain";
        return table;
      }
      std::this_thread::sleep_for(50ms);
    }
  }

  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
  std::string config_ = directory_.path() + "/gancho.yaml";
  std::string output_ = directory_.path() + "/events.json";
  std::string socket_ = directory_.path() + "/run/agent.sock";
};

TEST_F(TableTest, WithoutAnAgentItIsWhatIsThereNow) {
  Puppets puppets(program_);
  puppets.fork(0, 1);
  const BpfIds bpf_before = BpfIds::now();
  const auto before = look_at_all();
  const Table table = ps();
  expect_truth(before, table, look_at_all());
  expect_nothing_left(bpf_before);
  EXPECT_EQ(ancestors_of(table.at(puppets.pid(1)), ::getpid()),
            (std::vector<std::string>{"table_vm_test " + std::to_string(puppets.pid(0)),
                                      "table_vm_test " + std::to_string(::getpid())}));

  const Ran ran = run({gancho_path(), "ps", "--tree", "--pid", std::to_string(puppets.pid(1))});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.error, HasSubstr("no agent is running"));
  EXPECT_EQ(std::ranges::count(ran.error, '\n'), 1);
  EXPECT_THAT(ran.output, HasSubstr(std::to_string(puppets.pid(0))));
  EXPECT_THAT(ran.output, HasSubstr("└─ table_vm_test"));
  EXPECT_EQ(run({gancho_path(), "ps", "--pid", "4194300"}).error.find("no process 4194300") ==
                std::string::npos,
            false);
}

TEST_F(TableTest, FamiliesFromBeforeAndAfterThroughDeadParents) {
  enum Place : std::uint8_t { k_root, k_child, k_grandchild, k_escaped, k_of_escaped, k_late };
  Puppets puppets(program_);
  puppets.fork(k_root, k_child);
  puppets.fork(k_child, k_grandchild);
  configure();
  Agent agent(run_words());
  const pid_t child = puppets.pid(k_child);  // until it is ended
  const auto named = [&](int place, bool dead = false) {
    const pid_t pid = place == k_child ? child : puppets.pid(place);
    const std::string text = "table_vm_test " + std::to_string(pid);
    return dead ? "[" + text + "]" : text;
  };
  puppets.fork_twice(k_grandchild, k_escaped);  // born with a parent that is dead at once
  puppets.fork(k_escaped, k_of_escaped);
  puppets.end(k_child);
  puppets.fork(k_root, k_late);

  const auto before = look_at_all();
  const Table table = ask();
  expect_truth(before, table, look_at_all());
  const std::int64_t root = puppets.pid(k_root);
  EXPECT_EQ(ancestors_of(table.at(puppets.pid(k_grandchild)), root),
            (std::vector<std::string>{named(k_child, true), named(k_root)}));
  EXPECT_EQ(ancestors_of(table.at(puppets.pid(k_late)), root), std::vector{named(k_root)});
  // The process in between has a pid that nobody here knows.
  const auto chain = ancestors_of(table.at(puppets.pid(k_of_escaped)), root);
  ASSERT_EQ(chain.size(), 5U);
  EXPECT_EQ(chain[0], named(k_escaped));
  EXPECT_TRUE(chain[1].starts_with("[table_vm_test "));
  EXPECT_EQ(chain[2], named(k_grandchild));
  EXPECT_EQ(chain[3], named(k_child, true));
  EXPECT_EQ(chain[4], named(k_root));
  // Forked, it runs what its parent runs.
  EXPECT_EQ(list_of(table.at(puppets.pid(k_of_escaped)), "proc.args"),
            list_of(table.at(::getpid()), "proc.args"));

  const Ran tree = run({gancho_path(), "ps", "--tree", "--socket", socket_});
  EXPECT_EQ(tree.status, 0) << tree.error;
  EXPECT_EQ(tree.error, "");
  EXPECT_THAT(tree.output, HasSubstr("[table_vm_test]"));

  // A worker that dies takes the memory of the dead along, but the living keep their lineage.
  const pid_t worker = agent.worker();
  ASSERT_EQ(::kill(worker, SIGKILL), 0);
  const Table again =
      ask_until([&](const Table& now) { return now.size() >= before.processes.size(); });
  expect_truth(before, again, look_at_all());
  EXPECT_NE(agent.worker(), worker);
  EXPECT_EQ(agent.stop().status, 0);
}

// What a program is known by comes from its exec, and from its exec only.
TEST_F(TableTest, AnExecIsKnownAtOnceAlsoByAThread) {
  const std::string script = directory_.path() + "/script";
  std::ofstream(script) << "#!/bin/sh\nread line\n";
  ::chmod(script.c_str(), 0755);
  configure();
  Agent agent(run_words());
  std::array<int, 2> hold{};
  ASSERT_EQ(::pipe(hold.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(hold[0], 0);
    ::close(hold[0]);
    ::close(hold[1]);
    if (::chdir("/tmp") != 0 || ::setsid() < 0) ::_exit(1);
    static std::string path;
    path = script;
    pthread_t thread{};
    ::pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          ::execl(path.c_str(), path.c_str(), "argument", nullptr);
          ::_exit(1);
        },
        nullptr);
    for (;;) ::pause();
  }
  const Table table = ask_until([&](const Table& now) {
    const auto found = now.find(pid);
    return found != now.end() && text_of(found->second, "proc.name") == "script";
  });
  const Event& event = table.at(pid);
  EXPECT_EQ(list_of(event, "proc.args"), (std::vector<std::string>{"/bin/sh", script, "argument"}));
  EXPECT_EQ(text_of(event, "proc.exepath"), link_of("/proc/" + std::to_string(pid) + "/exe"));
  EXPECT_EQ(text_of(event, "proc.cwd"), "/tmp");
  EXPECT_EQ(number_of(event, "proc.sid"), pid);
  EXPECT_EQ(ancestors_of(event, ::getpid()),
            std::vector{"table_vm_test " + std::to_string(::getpid())});
  const auto before = look_at_all();
  expect_truth(before, ask(), look_at_all());
  ::close(hold[0]);
  ::close(hold[1]);
  ::waitpid(pid, nullptr, 0);
  const Table ended = ps({"--socket", socket_, "--ended"});
  EXPECT_FALSE(flag_of(ended.at(pid), "proc.alive"));
  EXPECT_FALSE(ask().contains(pid));
  const Ended stopped = agent.stop();
  EXPECT_EQ(stopped.status, 0);
  EXPECT_EQ(stopped.error, "") << "nobody kept us waiting";
}

// A small ring that nobody reads for a while: much is lost, and found out again.
TEST_F(TableTest, AFloodOfShortLivesLeavesATableThatIsRight) {
  configure("rings:\n  vital: 64KiB\n");
  Agent agent(run_words());
  const pid_t worker = agent.worker();
  {
    Puppets puppets(program_);
    for (int place = 1; place < Puppets::k_places; ++place) puppets.fork(0, place);
    (void)ask_until([&](const Table& now) { return now.contains(puppets.pid(7)); });
    ::kill(worker, SIGSTOP);
    Load one(Kind::exec, program_, "one");
    Load two(Kind::exec, program_, "two");
    while (one.done() + two.done() < 500) std::this_thread::sleep_for(20ms);
    // Their ends are lost too.
    for (int place = 1; place < Puppets::k_places; ++place) puppets.end(place);
    ::kill(worker, SIGCONT);
    while (one.done() + two.done() < 1500) std::this_thread::sleep_for(20ms);
    one.stop();
    two.stop();
  }
  const auto before = look_at_all();
  expect_truth(before, ask(), look_at_all());
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.error, HasSubstr("lost")) << "or the test has tested nothing";
}

TEST_F(TableTest, AFloodThatTheRingHoldsLosesNothing) {
  configure();
  Agent agent(run_words());
  {
    Load load(Kind::exec, program_, "load");
    for (int i = 0; i < 5; ++i) {
      const std::uint64_t before = load.done();
      while (load.done() < before + 100) std::this_thread::sleep_for(5ms);
      const auto first = look_at_all();
      expect_truth(first, ask(), look_at_all());
    }
    load.stop();
  }
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.error, "");
}

TEST_F(TableTest, WhatIsForTheTableOnlyIsNotShown) {
  Puppets puppets(program_);
  Puppets strangers(program_);
  const std::string recording = directory_.path() + "/recording";
  Agent agent({"watch", "exec", "-o", "json", "--pid", std::to_string(puppets.pid(0)), "--children",
               "--socket", socket_, "--record", recording});
  puppets.execute(0, 'a');
  strangers.execute(0, 'X');
  strangers.fork(0, 1);
  const Table table = ask();
  EXPECT_TRUE(table.contains(strangers.pid(1))) << "known although it was not asked for";
  const Ended ended = agent.stop();
  ASSERT_EQ(ended.events.size(), 1U);
  EXPECT_EQ(list_of(ended.events[0], "proc.args"), (std::vector<std::string>{"puppet", "a"}));
  const Ran replay = run({gancho_path(), "replay", recording, "-o", "json"});
  EXPECT_EQ(replay.status, 0) << replay.error;
  EXPECT_EQ(parse_events(replay.output).size(), 1U);
}

TEST_F(TableTest, ExistingIsAnEventLikeAnyOther) {
  Puppets puppets(program_);
  puppets.fork(0, 1);
  Agent agent(
      {"watch", "existing", "-o", "json", "--pid", std::to_string(puppets.pid(0)), "--children"});
  const Ended ended = agent.stop();
  std::vector<std::int64_t> pids;
  for (const Event& event : ended.events) pids.push_back(number_of(event, "proc.pid"));
  std::vector<std::int64_t> expected{puppets.pid(0), puppets.pid(1)};
  EXPECT_THAT(pids, testing::UnorderedElementsAreArray(expected));
  for (const Event& event : ended.events) {
    EXPECT_EQ(text_of(event, "evt.type"), "existing");
    EXPECT_EQ(joined(list_of(event, "proc.args")), read_text("/proc/self/cmdline"));
    EXPECT_EQ(text_of(event, "proc.exepath"), link_of("/proc/self/exe"));
    EXPECT_EQ(text_of(event, "proc.cwd"), link_of("/proc/self/cwd"));
    EXPECT_EQ(number_of(event, "ns.mnt"), [] {
      struct stat status{};
      ::stat("/proc/self/ns/mnt", &status);
      return static_cast<std::int64_t>(status.st_ino);
    }());
  }

  // By cgroup: of the process, not of whoever asks.
  const std::string group = "/sys/fs/cgroup/existing";
  ::mkdir(group.c_str(), 0755);
  ::mkdir((group + "/below").c_str(), 0755);
  std::ofstream(group + "/below/cgroup.procs") << puppets.pid(1) << std::flush;
  {
    Agent watch({"watch", "existing", "-o", "json", "--cgroup", "/existing"});
    const Ended seen = watch.stop();
    ASSERT_EQ(seen.events.size(), 1U);
    EXPECT_EQ(number_of(seen.events[0], "proc.pid"), puppets.pid(1));
    EXPECT_EQ(text_of(seen.events[0], "cgroup.path"), "/existing/below");
  }
  std::ofstream("/sys/fs/cgroup/cgroup.procs") << puppets.pid(1) << std::flush;
  ::rmdir((group + "/below").c_str());
  ::rmdir(group.c_str());
}

// A title that a process writes over its arguments, as /proc/PID/cmdline shows it.
TEST_F(TableTest, ATitleIsShownAsProcShowsIt) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl("/bin/sh", "sh", "-c",
            "exec perl -e '$0 = \"title \" . (\"x\" x 200); sleep 1000' 2>/dev/null", nullptr);
    ::_exit(1);
  }
  const auto limit = std::chrono::steady_clock::now() + 30s;
  while (!look(pid)->args.starts_with("title ")) {
    ASSERT_FALSE(look(pid)->zombie) << "no perl here";
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::sleep_for(10ms);
  }
  const Table table = ps({"--pid", std::to_string(pid)});
  // /proc pads with the zeros that were left of the arguments.
  const std::string args = look(pid)->args;
  EXPECT_EQ(list_of(table.at(pid), "proc.args").at(0), args.substr(0, args.find('\0')));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

// Arguments in memory that their owner serves himself, and does not: whoever reads them waits for
// ever.
TEST_F(TableTest, AProcessThatKeepsItsReaderWaitingIsLeft) {
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int fault = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC));
    uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
    void* const page =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const auto address = reinterpret_cast<std::uintptr_t>(page);
    uffdio_register range{.range = {.start = address, .len = 4096},
                          .mode = UFFDIO_REGISTER_MODE_MISSING,
                          .ioctls = 0};
    const bool done = fault >= 0 && ::ioctl(fault, UFFDIO_API, &api) == 0 &&
                      ::ioctl(fault, UFFDIO_REGISTER, &range) == 0 &&
                      ::prctl(PR_SET_MM, PR_SET_MM_ARG_START, address, 0, 0) == 0 &&
                      ::prctl(PR_SET_MM, PR_SET_MM_ARG_END, address + 100, 0, 0) == 0;
    (void)::write(ready[1], done ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  Puppets later(program_);  // looked at after it
  const Ran ran = run({gancho_path(), "ps", "-o", "json"});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_EQ(ran.error.find("kept us waiting"), std::string::npos) << ran.error;
  Table table;
  for (const Event& event : parse_events(ran.output)) table[number_of(event, "proc.pid")] = event;
  EXPECT_TRUE(list_of(table.at(pid), "proc.args").empty());
  EXPECT_EQ(text_of(table.at(pid), "proc.exepath"), link_of("/proc/self/exe"));
  EXPECT_FALSE(list_of(table.at(later.pid(0)), "proc.args").empty());
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

// While it maps and unmaps, nobody else gets at its list of mappings.
TEST_F(TableTest, AProcessThatChangesItsMemoryAllTheTimeIsReadAnyway) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (;;) {
      void* const at = ::mmap(nullptr, 1 << 24, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
      ::munmap(at, 1 << 24);
    }
  }
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(joined(list_of(ps().at(pid), "proc.args")), read_text("/proc/self/cmdline"));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

// ---- who may ask, and what is left ----

TEST_F(TableTest, NobodyButRootIsAnswered) {
  configure();
  Agent agent(run_words());
  const auto as_nobody = [&] {
    const pid_t pid = ::fork();
    if (pid == 0) {
      if (::setresgid(1000, 1000, 1000) != 0 || ::setresuid(1000, 1000, 1000) != 0) ::_exit(99);
      ::execl(gancho_path().c_str(), "gancho", "ps", "--socket", socket_.c_str(), nullptr);
      ::_exit(98);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(as_nobody(), 2);
  // Also when somebody has opened the doors.
  ::chmod(directory_.path().c_str(), 0777);
  ::chmod((directory_.path() + "/run").c_str(), 0777);
  ::chmod(socket_.c_str(), 0777);
  EXPECT_EQ(as_nobody(), 1);
  EXPECT_GT(ask().size(), 3U);
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(TableTest, AClientThatDoesNothingHoldsNobodyUp) {
  configure();
  Agent agent(run_words());
  std::vector<Fd> idle;
  for (int i = 0; i < 8; ++i) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    idle.push_back(std::move(fd));
  }
  perform(Kind::exec, program_, "x", 3);
  const auto limit = std::chrono::steady_clock::now() + 30s;
  while (read_text(output_).find("\"program\"") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::sleep_for(20ms);
  }
  // They are sent away after a while, and there is room again.
  while (run({gancho_path(), "ps", "--socket", socket_}).status != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(TableTest, TheSocketGoesWithTheAgent) {
  configure();
  const BpfIds bpf_before = BpfIds::now();
  {
    Agent agent(run_words());
    EXPECT_TRUE(fs::exists(socket_));
    const Ran second = run({gancho_path(), "run", "--config", config_});
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.error, HasSubstr("another agent listens at " + socket_));
    EXPECT_EQ(agent.stop().status, 0);
  }
  EXPECT_FALSE(fs::exists(socket_));
  EXPECT_FALSE(fs::exists(directory_.path() + "/run"));
  expect_nothing_left(bpf_before);
  EXPECT_THAT(run({gancho_path(), "ps", "--socket", socket_}).error,
              HasSubstr("no agent listens at"));
  {
    Agent agent(run_words());
    agent.stop(SIGKILL);
    EXPECT_TRUE(fs::exists(socket_)) << "nobody could take it away";
  }
  Agent agent(run_words());
  EXPECT_GT(ask().size(), 3U);
  EXPECT_EQ(agent.stop().status, 0);
  EXPECT_FALSE(fs::exists(socket_));
}

}  // namespace
}  // namespace gancho::test
