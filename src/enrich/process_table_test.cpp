// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "support/sanitized.h"

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Change = Lifecycle::Change;

constexpr std::uint64_t k_second = 1'000'000'000;

// A machine whose processes start at ten times their pid, so that a test names them by pid alone.
class Machine {
 public:
  explicit Machine(ProcessTableLimits limits = {}) : table(limits) {}

  static ProcessKey key(std::uint32_t pid) { return {.pid = pid, .start_time = pid * 10ULL}; }

  Lifecycle change(Change kind, std::uint32_t pid) {
    Lifecycle change;
    change.change = kind;
    change.process = key(pid);
    change.time = ++now;
    return change;
  }
  void fork(std::uint32_t parent, std::uint32_t child) {
    Lifecycle forked = change(Change::forked, child);
    forked.parent = key(parent);
    std::string name;
    if (const auto facts = table.find(key(parent))) {
      forked.exec_count = facts->exec_count;
      name = facts->name;
    }
    forked.name = name;
    table.apply(forked);
  }
  void exec(std::uint32_t pid, std::string_view name, std::uint32_t count,
            std::string_view args = "", std::uint32_t parent = 0) {
    program(Change::executed, pid, name, count, args, parent);
  }
  void found(std::uint32_t pid, std::uint32_t parent, std::string_view name,
             std::uint32_t count = 1, std::string_view args = "") {
    program(Change::found, pid, name, count, args, parent);
  }
  void exit(std::uint32_t pid) { table.apply(change(Change::ended, pid)); }

  // "name pid", a dead one's in brackets.
  [[nodiscard]] std::vector<std::string> ancestors(std::uint32_t pid) const {
    std::vector<std::string> found;
    for (const Ancestor& one : table.ancestors(key(pid))) {
      const std::string text = std::string(one.name) + " " + std::to_string(one.process.pid);
      found.push_back(one.alive ? text : "[" + text + "]");
    }
    return found;
  }
  [[nodiscard]] std::string path(std::uint32_t pid) const {
    const auto facts = table.find(key(pid));
    return facts && facts->program != nullptr ? std::string(facts->program->exepath) : "-";
  }

  ProcessTable table;
  std::uint64_t now = 1'000'000;
  std::vector<ev_ancestor> lineage;  // of the next program

 private:
  void program(Change kind, std::uint32_t pid, std::string_view name, std::uint32_t count,
               std::string_view args, std::uint32_t parent) {
    Lifecycle executed = change(kind, pid);
    if (parent != 0) executed.parent = key(parent);
    executed.name = name;
    executed.exec_count = count;
    const std::string host = "/root/bin/" + std::string(name);
    executed.program.executor = key(pid);
    executed.program.exehostpath = host;
    executed.program.exepath = std::string_view(host).substr(5);
    executed.program.args = args;
    executed.program.lineage = {reinterpret_cast<const char*>(lineage.data()),
                                lineage.size() * sizeof(ev_ancestor)};
    table.apply(executed);
    lineage.clear();
  }
};

ev_ancestor image(std::string_view name, std::uint32_t pid) {
  ev_ancestor entry{.start_time = pid * 10ULL, .pid = pid, .exec_count = 1, .comm = {}};
  name.copy(reinterpret_cast<char*>(entry.comm), EV_COMM_LEN);
  return entry;
}

TEST(ProcessTable, AForkedChildRunsItsParentsProgram) {
  Machine machine;
  machine.exec(10, "bash", 3, std::string_view("bash\0-i\0", 8));
  machine.fork(10, 11);
  const auto child = machine.table.find(Machine::key(11));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->name, "bash");
  EXPECT_EQ(child->exec_count, 3U);
  EXPECT_EQ(child->parent, Machine::key(10));
  ASSERT_NE(child->program, nullptr);
  EXPECT_EQ(child->program->executor, Machine::key(10));
  EXPECT_EQ(child->program->exepath, "/bin/bash");
  EXPECT_EQ(child->program->exehostpath, "/root/bin/bash");
  EXPECT_EQ(child->program->args, std::string_view("bash\0-i\0", 8));
  EXPECT_EQ(machine.table.counts().programs, 1U) << "shared, not copied";

  machine.exec(11, "ls", 4);
  EXPECT_EQ(machine.path(11), "/bin/ls");
  EXPECT_EQ(machine.path(10), "/bin/bash");
  machine.exec(10, "zsh", 4);
  machine.exit(11);
  EXPECT_EQ(machine.path(11), "/bin/ls") << "known a while after the end";
}

TEST(ProcessTable, TheLaterProgramWinsInWhateverOrderTheyCome) {
  Machine machine;
  machine.exec(10, "new", 4);
  machine.found(10, 1, "old", 3);
  EXPECT_EQ(machine.path(10), "/bin/new");
  machine.found(10, 1, "same", 4);
  EXPECT_EQ(machine.path(10), "/bin/new") << "seen being executed is known better";
  machine.found(20, 1, "old", 3);
  machine.exec(20, "new", 4);
  EXPECT_EQ(machine.path(20), "/bin/new");
  machine.exec(20, "newer", UINT32_MAX);
  machine.exec(20, "newest", 0);  // the count has wrapped
  EXPECT_EQ(machine.path(20), "/bin/new") << "far behind, by the same reckoning";
  machine.exec(30, "last", UINT32_MAX);
  machine.exec(30, "wrapped", 0);
  EXPECT_EQ(machine.path(30), "/bin/wrapped");
}

TEST(ProcessTable, FoundAgainWithoutArgumentsItKeepsThem) {
  Machine machine;
  const std::string_view args("a\0b\0", 4);
  machine.found(10, 1, "one", 1, args);
  machine.found(10, 1, "two", 1);
  EXPECT_EQ(machine.table.find(Machine::key(10))->program->args, args);
  machine.found(11, 1, "one", 1);
  machine.found(11, 1, "two", 1, args);
  EXPECT_EQ(machine.table.find(Machine::key(11))->program->args, args);
}

// Nobody had asked for it when the program was executed.
TEST(ProcessTable, AnEnvironmentMayBecomeKnownLater) {
  Machine machine;
  const auto find_with = [&](std::optional<std::string_view> env) {
    Lifecycle found = machine.change(Change::found, 10);
    found.exec_count = 2;
    found.name = "server";
    found.program.env = env;
    found.program.env_truncated = env.has_value();
    machine.table.apply(found);
    return machine.table.find(Machine::key(10))->program;
  };
  machine.exec(10, "server", 2, {"server\0", 7});
  EXPECT_EQ(find_with(std::nullopt)->env, std::nullopt);
  const Program* const program = find_with("A=1");
  EXPECT_EQ(program->env, "A=1");
  EXPECT_TRUE(program->env_truncated);
  EXPECT_EQ(program->exepath, "/bin/server");
  EXPECT_EQ(program->args, std::string_view("server\0", 7));
  EXPECT_EQ(find_with("B=2")->env, "A=1") << "as the program began";
  EXPECT_EQ(find_with(std::nullopt)->env, "A=1");
  machine.fork(10, 11);
  EXPECT_EQ(machine.table.find(Machine::key(11))->program->env, "A=1");
  EXPECT_EQ(machine.table.counts().environment_bytes, 3U);
  machine.exec(10, "other", 3);
  EXPECT_EQ(machine.table.find(Machine::key(10))->program->env, std::nullopt);
}

TEST(ProcessTable, FoundAgainItHasWhatHasBecomeOfIt) {
  Machine machine;
  const std::string_view args("server\0", 7);
  machine.exec(10, "server", 2, args);
  machine.fork(10, 11);
  Lifecycle found = machine.change(Change::found, 11);
  found.parent = Machine::key(10);
  found.exec_count = 2;
  found.name = "server: worker";
  found.program.executor = Machine::key(11);
  found.program.exepath = found.program.exehostpath = "/bin/server";
  found.program.credentials.euid = 33;
  found.program.sid = 10;
  machine.table.apply(found);
  const auto worker = machine.table.find(Machine::key(11));
  EXPECT_EQ(worker->name, "server: worker");
  EXPECT_EQ(worker->program->credentials.euid, 33U);
  EXPECT_EQ(worker->program->sid, 10U);
  EXPECT_EQ(worker->program->args, args);
  EXPECT_EQ(worker->program->executor, Machine::key(10));
  const auto server = machine.table.find(Machine::key(10));
  EXPECT_EQ(server->name, "server");
  EXPECT_EQ(server->program->credentials.euid, 0U) << "they do not share it any more";
  EXPECT_EQ(machine.table.counts().programs, 2U);
  machine.table.apply(found);
  EXPECT_EQ(machine.table.counts().programs, 2U);
}

TEST(ProcessTable, AnEndIsFinal) {
  Machine machine;
  machine.fork(1, 10);
  machine.exit(10);
  machine.found(10, 1, "late", 1);
  const auto facts = machine.table.find(Machine::key(10));
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->alive);
  EXPECT_EQ(machine.path(10), "/bin/late") << "but what it was is worth knowing";
  machine.exit(20);  // never heard of
  machine.found(20, 1, "late", 1);
  EXPECT_FALSE(machine.table.find(Machine::key(20))->alive);
}

TEST(ProcessTable, APidThatComesBackIsSomebodyElse) {
  Machine machine;
  machine.exec(10, "first", 1);
  machine.exit(10);
  Lifecycle second = machine.change(Change::forked, 10);
  second.process.start_time += 7;
  second.name = "second";
  machine.table.apply(second);
  EXPECT_FALSE(machine.table.find(Machine::key(10))->alive);
  EXPECT_EQ(machine.table.find(second.process)->name, "second");
}

TEST(ProcessTable, LineageGoesThroughTheDead) {
  Machine machine;
  machine.found(1, 0, "init");
  machine.found(10, 1, "nginx");
  machine.fork(10, 11);
  machine.fork(11, 12);
  machine.exit(11);
  machine.exec(12, "sh", 2, "", 1);  // adopted by init by now
  EXPECT_THAT(machine.ancestors(12), ElementsAre("[nginx 11]", "nginx 10", "init 1"));
  machine.exit(10);
  machine.now += 1000 * k_second;
  machine.fork(12, 13);
  EXPECT_THAT(machine.ancestors(13), ElementsAre("sh 12", "[nginx 11]", "[nginx 10]", "init 1"))
      << "kept as long as somebody descends from them";
  EXPECT_EQ(machine.table.counts().ended, 2U);
  machine.exit(12);
  machine.exit(13);
  machine.now += 1000 * k_second;
  machine.fork(1, 20);
  machine.now += 1000 * k_second;
  machine.fork(1, 21);
  EXPECT_EQ(machine.table.counts().ended, 0U) << "the last takes them along";
  EXPECT_EQ(machine.table.counts().evicted_ancestors, 0U);
}

TEST(ProcessTable, WhereTheTableEndsTheKernelsLineageGoesOn) {
  Machine machine;
  machine.found(1, 0, "init");
  machine.lineage = {image("two", 60), image("one", 60), image("sshd", 50), image("init", 1)};
  machine.found(70, 60, "tool");
  EXPECT_THAT(machine.ancestors(70), ElementsAre("[two 60]", "[sshd 50]", "init 1"));

  // A child that runs its parent's program, and its parent is not known any more.
  machine.fork(70, 71);
  machine.fork(71, 72);
  Lifecycle alone = machine.change(Change::forked, 81);
  alone.parent = Machine::key(80);
  machine.table.apply(alone);
  EXPECT_THAT(machine.ancestors(81), ElementsAre("[ 80]"));
  EXPECT_THAT(machine.ancestors(72),
              ElementsAre("tool 71", "tool 70", "[two 60]", "[sshd 50]", "init 1"));
  EXPECT_THAT(machine.ancestors(99), IsEmpty());
}

TEST(ProcessTable, ParentsMayComeAfterTheirChildren) {
  Machine machine({.processes = 64, .linger_ns = k_second});
  machine.found(20, 10, "child");
  machine.found(10, 1, "parent");
  machine.table.visited(0, false);
  machine.exit(10);
  machine.now += 10 * k_second;
  machine.fork(1, 30);
  EXPECT_THAT(machine.ancestors(20), ElementsAre("[parent 10]", "[ 1]"));
}

TEST(ProcessTable, WhoWasNotSeenInAVisitHasEnded) {
  Machine machine;
  machine.found(10, 1, "gone");
  machine.found(11, 1, "there");
  const std::uint64_t began = ++machine.now;
  machine.found(11, 1, "there");
  machine.fork(11, 12);
  machine.table.visited(began, false);
  EXPECT_TRUE(machine.table.find(Machine::key(10))->alive) << "records were lost";
  machine.table.visited(began, true);
  EXPECT_FALSE(machine.table.find(Machine::key(10))->alive);
  EXPECT_TRUE(machine.table.find(Machine::key(11))->alive);
  EXPECT_TRUE(machine.table.find(Machine::key(12))->alive);
  EXPECT_EQ(machine.table.counts().missed_ends, 1U);
}

TEST(ProcessTable, NoRecordMakesACircle) {
  Machine machine;
  machine.fork(10, 10);
  machine.fork(11, 12);
  machine.fork(12, 11);
  EXPECT_THAT(machine.ancestors(10), IsEmpty());
  EXPECT_EQ(machine.ancestors(11).size(), ProcessTable::k_ancestors_max);
  machine.exit(11);
  machine.exit(12);
  machine.now += 1000 * k_second;
  machine.fork(1, 20);
  machine.fork(1, 21);
}

// ---- bounds ----

using test::k_sanitized;

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

TEST(ProcessTable, AMillionShortLivesTakeNoMemory) {
  Machine machine;
  machine.found(1, 0, "init");
  machine.found(2, 1, "shell");
  const std::string args = std::string("job") + '\0' + std::string(60, 'x') + '\0';
  machine.lineage = {image("shell", 2), image("init", 1)};
  std::size_t settled = 0;
  constexpr std::uint32_t k_lives = 1'000'000;
  for (std::uint32_t i = 0; i < k_lives; ++i) {
    const std::uint32_t pid = 100 + i;
    machine.now += 100'000;
    machine.fork(2, pid);
    machine.exec(pid, "job", 2, args);
    machine.exit(pid);
    if (i == k_lives / 10) settled = resident_bytes();
  }
  const ProcessTableCounts& counts = machine.table.counts();
  EXPECT_EQ(counts.alive, 2U);
  EXPECT_EQ(counts.ended, ProcessTableLimits{}.lingering());
  EXPECT_EQ(counts.evicted_ended, k_lives - counts.ended);
  EXPECT_EQ(counts.refused + counts.trimmed + counts.evicted_ancestors + counts.missed_ends, 0U);
  EXPECT_EQ(counts.programs, counts.alive + counts.ended);
  EXPECT_LE(machine.table.places(), std::size_t{counts.alive} + counts.ended + 1);
  if (!k_sanitized) {
    EXPECT_LE(resident_bytes(), settled + 256 * 1024);
  }
  EXPECT_EQ(machine.path(100 + k_lives - 1), "/bin/job");
}

// Each forks the next and ends: every one of them is an ancestor of the last.
TEST(ProcessTable, AChainOfForksIsCutAtItsOldEnd) {
  Machine machine({.processes = 80, .linger_ns = k_second});
  machine.found(1, 0, "init");
  for (std::uint32_t pid = 2; pid < 1000; ++pid) {
    machine.now += k_second;
    machine.fork(pid - 1, pid);
    if (pid > 2) machine.exit(pid - 1);
  }
  const ProcessTableCounts& counts = machine.table.counts();
  EXPECT_EQ(counts.alive, 2U);
  EXPECT_LE(counts.ended, 11U);
  EXPECT_GT(counts.evicted_ancestors, 900U);
  EXPECT_GE(machine.ancestors(999).size(), 10U);
}

TEST(ProcessTable, WhenAllAreAliveNewOnesAreRefused) {
  Machine machine({.processes = 16, .linger_ns = k_second});
  for (std::uint32_t pid = 10; pid < 26; ++pid) machine.fork(1, pid);
  machine.fork(1, 50);
  EXPECT_FALSE(machine.table.find(Machine::key(50)));
  EXPECT_EQ(machine.table.counts().refused, 1U);
  machine.exit(10);
  machine.fork(1, 51);
  EXPECT_TRUE(machine.table.find(Machine::key(51)));
  EXPECT_FALSE(machine.table.find(Machine::key(10))) << "room was made";
  machine.fork(12, 60);  // refused
  machine.exit(12);
  machine.fork(11, 61);
  machine.exit(11);
  machine.now += 5 * k_second;
  machine.fork(13, 62);  // 11 goes although 61 descends from it
  EXPECT_TRUE(machine.table.find(Machine::key(62)));
  EXPECT_EQ(machine.table.counts().alive, 16U);
}

TEST(ProcessTable, EnvironmentsTakeNoRoomFromTheRest) {
  Machine machine({.processes = 16, .linger_ns = k_second});  // 16 KiB of them
  const std::string env(7000, 'x');
  const auto exec = [&](std::uint32_t pid) {
    Lifecycle change = machine.change(Change::executed, pid);
    change.exec_count = 1;
    change.name = "a";
    change.program.exepath = change.program.exehostpath = "/bin/a";
    change.program.env = env;
    machine.table.apply(change);
    return machine.table.find(Machine::key(pid))->program;
  };
  machine.exec(9, "nothing", 1);
  machine.exit(9);
  EXPECT_EQ(exec(10)->env, env);
  EXPECT_EQ(exec(11)->env, env);
  EXPECT_EQ(machine.table.counts().environment_bytes, 14000U);
  EXPECT_EQ(exec(12)->env, std::nullopt) << "the living have all of it";
  EXPECT_EQ(machine.path(12), "/bin/a");
  EXPECT_EQ(machine.path(9), "/bin/nothing") << "nobody was forgotten";
  EXPECT_EQ(machine.table.counts().environments_dropped, 1U);
  EXPECT_EQ(machine.table.counts().trimmed + machine.table.counts().evicted_ended, 0U);
  machine.fork(11, 21);
  machine.exit(11);
  machine.exit(10);
  EXPECT_EQ(exec(13)->env, env);
  EXPECT_EQ(machine.table.find(Machine::key(10))->program->env, std::nullopt);
  EXPECT_EQ(machine.path(10), "/bin/a") << "its environment alone made room";
  EXPECT_EQ(machine.table.find(Machine::key(21))->program->env, env) << "a child has it, too";
  EXPECT_EQ(machine.table.counts().environments_dropped, 2U);
  EXPECT_EQ(machine.table.counts().environment_bytes, 14000U);
  machine.exec(13, "b", 2);
  EXPECT_EQ(machine.table.counts().environment_bytes, 7000U);
  machine.exit(12);
  machine.exit(13);
  machine.now += 2 * k_second;  // the ended are forgotten, in whatever order they were looked at
  EXPECT_EQ(exec(14)->env, env);
  EXPECT_EQ(exec(15)->env, std::nullopt);
}

TEST(ProcessTable, LongArgumentsGoWhenThereAreTooMany) {
  Machine machine({.processes = 16, .linger_ns = k_second});  // 8 KiB
  const std::string args(3000, 'x');
  machine.exec(10, "a", 1, args);
  machine.exec(11, "b", 1, args);
  machine.exec(12, "c", 1, args);
  EXPECT_EQ(machine.table.counts().trimmed, 1U);
  EXPECT_EQ(machine.table.find(Machine::key(12))->name, "c");
  EXPECT_EQ(machine.path(12), "");
  machine.exit(10);
  machine.exec(13, "d", 1, args);
  EXPECT_EQ(machine.path(13), "/bin/d") << "the dead make room";
  EXPECT_LE(machine.table.counts().bytes, 8192U);
}

// Any order of anything: what the table says of itself stays true.
TEST(ProcessTable, StaysWithinItsBoundsWhateverComes) {
  Machine machine({.processes = 64, .linger_ns = 50});
  std::uint32_t random = 12345;
  const auto next = [&](std::uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  for (int i = 0; i < 200'000; ++i) {
    const std::uint32_t pid = 1 + next(120);
    switch (next(5)) {
      case 0:
        machine.fork(1 + next(120), pid);
        break;
      case 1:
        machine.exec(pid, "x", next(4), std::string(next(900), 'a'), 1 + next(120));
        break;
      case 2:
        machine.found(pid, 1 + next(120), "y", next(4), std::string(next(900), 'b'));
        break;
      case 3:
        machine.exit(pid);
        break;
      default:
        if (next(50) == 0) machine.table.visited(machine.now - next(300), next(2) == 0);
        machine.now += next(20);
    }
    const ProcessTableCounts& counts = machine.table.counts();
    ASSERT_LE(counts.alive + counts.ended, 64U);
    ASSERT_LE(counts.bytes, ProcessTableLimits{.processes = 64}.bytes());
    ASSERT_LE(machine.table.places(), 64U);
    if (i % 1000 != 0) continue;
    std::uint32_t alive = 0;
    std::uint32_t ended = 0;
    for (std::size_t place = 0; place < machine.table.places(); ++place) {
      const auto facts = machine.table.at(place);
      if (!facts) continue;
      (facts->alive ? alive : ended) += 1;
      ASSERT_TRUE(machine.table.find(facts->process));
      (void)machine.table.ancestors(facts->process);
    }
    ASSERT_EQ(alive, counts.alive);
    ASSERT_EQ(ended, counts.ended);
  }
}

}  // namespace
}  // namespace gancho
