// SPDX-License-Identifier: Apache-2.0
//
// Many execs: made at random, at the same time, and the same ones as execsnoop sees them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

using Random = std::mt19937;
constexpr unsigned k_seed = 20221122;

int below(Random& random, int limit) {
  return std::uniform_int_distribution<>(0, limit - 1)(random);
}

// Any bytes but NUL; in a name no '/' either. ASCII only when `shown` must be the same.
std::string word(Random& random, int longest, bool is_name) {
  std::string text;
  for (int length = below(random, longest) + (is_name ? 1 : 0); length > 0; length--) {
    const char byte = static_cast<char>(1 + below(random, 127));
    text += is_name && byte == '/' ? '_' : byte;
  }
  return is_name && (text == "." || text == "..") ? "dots" : text;
}

TEST(Crowd, TwoHundredAtRandom) {
  Random random(k_seed);
  std::vector<std::pair<Outcome, Expect>> cases;
  for (int i = 0; i < 200; i++) {
    const std::string top = directory("/tmp/truth/random/" + std::to_string(i));
    std::string cwd = top;
    for (int depth = below(random, 12); depth > 0; depth--) cwd += "/" + word(random, 40, true);
    const std::string path = directory(cwd) + "/" + word(random, 200, true);
    std::filesystem::create_hard_link(target_path(), path);
    Words args{"a"}, environment(static_cast<std::size_t>(below(random, 50)), "E=1");
    for (int count = below(random, 30); count > 0; count--) args.push_back(word(random, 60, false));
    if (args.size() > 1 && args[1].starts_with("--")) args[1] = "x";
    const bool there = below(random, 4) != 0;
    const std::string given = there ? path : path + "/none";
    Expect expect{.filename = given, .exepath = path, .args = args, .env = environment};
    if (!there) expect.exepath = std::nullopt;
    const Act act{.stage = [=] { must(::chdir(cwd.c_str()) == 0, "chdir"); },
                  .execute = [=] { exec_file(given, args, environment); }};
    cases.emplace_back(perform("random " + std::to_string(i), act), expect);
  }
  for (const auto& [outcome, expect] : cases) {
    const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid);
    EXPECT_EQ(outcome.error, expect.exepath ? 0 : ENOTDIR) << outcome.name;
    check_record(outcome, events.front(), expect);
  }
}

TEST(Crowd, ShortLives) {
  constexpr int k_children = 300;
  const std::string path = directory("/tmp/truth") + "/busybox";
  std::filesystem::copy_file("/bin/busybox", path);
  ExecLog::get();
  std::vector<pid_t> pids;
  for (int i = 0; i < k_children; i++) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      exec_file(path, {"true", std::to_string(i)});
      ::_exit(1);
    }
    pids.push_back(pid);
  }
  for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  for (int i = 0; i < k_children; i++) {
    const pid_t pid = pids[static_cast<std::size_t>(i)];
    const Event event = ExecLog::get().records("short life " + std::to_string(i), pid).front();
    EXPECT_EQ(list_of(event, "proc.args"), (Words{"true", std::to_string(i)})) << i;
    EXPECT_EQ(text_of(event, "proc.exepath"), path) << i;
    EXPECT_EQ(number_of(event, "proc.ppid"), ::getpid()) << i;
    EXPECT_EQ(list_of(event, "proc.lineage").at(0), "process_vm_test") << i;
  }
}

// libbpf-tools' execsnoop, from the moment when it sees something.
class Execsnoop {
 public:
  Execsnoop() : pid_(::fork()) {
    if (pid_ == 0) {
      ::dup2(::open(k_output, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
      ::execl("/usr/bin/stdbuf", "stdbuf", "-oL", "/usr/sbin/execsnoop", nullptr);
      ::_exit(127);
    }
    ExecLog::get().ignore(pid_);
    for (int i = 0; !read_text(k_output).contains("warm-up"); i++) {
      if (i > 300) throw std::runtime_error("execsnoop sees nothing: " + read_text(k_output));
      const Outcome outcome = perform("warm-up", plainly(target_path(), {"t", "warm-up"}));
      ExecLog::get().records(outcome.name, outcome.facts.pid);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  // "NAME PID PPID RESULT ARGUMENTS", by process.
  std::map<pid_t, std::string> stop() {
    ::kill(pid_, SIGINT);
    ::waitpid(pid_, nullptr, 0);
    std::map<pid_t, std::string> seen;
    std::istringstream lines(read_text(k_output));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string name, rest;
      pid_t pid = 0, ppid = 0;
      int result = -1;
      if (words >> name >> pid >> ppid >> result && std::getline(words >> std::ws, rest) &&
          result == 0 && !rest.contains("warm-up"))
        seen[pid] = name + " " + rest.substr(0, rest.find_last_not_of(' ') + 1);
    }
    return seen;
  }

 private:
  static constexpr const char* k_output = "/tmp/truth/execsnoop.out";
  pid_t pid_;
};

TEST(Crowd, TheSameAsExecsnoop) {
  if (::access("/usr/sbin/execsnoop", X_OK) != 0) GTEST_SKIP() << "libbpf-tools is not installed";
  Random random(k_seed);
  Execsnoop execsnoop;
  std::map<pid_t, std::string> ours;
  const std::string link = "/tmp/truth/snooped-link";
  std::filesystem::create_symlink(target_path(), link);
  for (int i = 0; i < 60; i++) {
    const bool there = i % 4 != 3;
    const std::string path = !there ? "/none/snoop" : i % 2 == 0 ? target_path() : link;
    Words args{path};
    for (int count = below(random, 12); count > 0; count--)
      args.push_back("w" + std::to_string(below(random, 1000000)));
    const Outcome outcome = perform("snooped " + std::to_string(i), plainly(path, args));
    const Event event = ExecLog::get().records(outcome.name, outcome.facts.pid).front();
    if (text_of(event, "evt.res") != "SUCCESS") continue;
    std::string text = text_of(event, "proc.name");
    for (const std::string& arg : list_of(event, "proc.args")) text += " " + arg;
    ours[static_cast<pid_t>(number_of(event, "proc.pid"))] = text;
  }
  EXPECT_EQ(ours.size(), 45U);
  EXPECT_EQ(execsnoop.stop(), ours);
}

}  // namespace
}  // namespace gancho::test
