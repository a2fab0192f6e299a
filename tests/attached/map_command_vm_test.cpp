// SPDX-License-Identifier: Apache-2.0
//
// gancho map as one calls it: what hangs there, what it costs, that counting ends with it, and what
// one is told who may not look.
#include <bpf/bpf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "attached/read_attached.h"
#include "base/fd.h"
#include "support/agent.h"

namespace gancho::test {
namespace {

using testing::HasSubstr;

constexpr auto k_limit = std::chrono::seconds(60);

// What a program says on standard output, as it says it.
class Said {
 public:
  explicit Said(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    out_ = Fd(ends[0]);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      std::vector<char*> arguments;
      for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(ends[1]);
  }
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;
  ~Said() {
    if (pid_ > 0) end(SIGKILL);
  }

  // Waits until it has said this; "" when it has not within the limit, else all that it said.
  std::string wait_for(std::string_view text) {
    const auto until = std::chrono::steady_clock::now() + k_limit;
    while (said_.find(text) == std::string::npos) {
      pollfd waiting{.fd = out_.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 1000) > 0 && !read_some()) return "";
      if (std::chrono::steady_clock::now() > until) return "";
    }
    return said_;
  }

  // All of it, and how it ended.
  std::pair<std::string, int> wait() {
    while (read_some()) {
    }
    return {said_, end(0)};
  }

  int end(int signal) {
    if (signal != 0) ::kill(pid_, signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  bool read_some() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(out_.get(), bytes.data(), bytes.size());
    if (count <= 0) return false;
    said_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  pid_t pid_ = -1;
  Fd out_;
  std::string said_;
};

void execute_something() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/true", "true", nullptr);
    ::_exit(127);
  }
  ::waitpid(child, nullptr, 0);
}

constexpr const char* k_at_exec = "tp_btf__sched_process_exec";

// As the kernel has counted.
std::uint64_t runs_at_exec() {
  const auto attached = read_attached();
  if (!attached) return 0;
  for (const auto& [id, program] : attached->programs)
    if (program.name == k_at_exec) return program.runs;
  return 0;
}

boost::json::object parsed(const std::string& text) {
  boost::json::error_code error;
  const auto root = boost::json::parse(text, error);
  EXPECT_FALSE(error) << text.substr(0, 300);
  return root.is_object() ? root.as_object() : boost::json::object{};
}

TEST(MapCommand, SaysWhatTheAgentsProgramsCostAndStopsCounting) {
  Agent agent({"watch", "exec", "-o", "json"});
  Said map({gancho_path(), "map", "attached", "--cost", "2s", "--json"});
  // Until it has ended it is counted; what is executed meanwhile runs the program.
  std::string text;
  std::thread worker([&] { text = map.wait().first; });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < until) execute_something();
  worker.join();

  const auto root = parsed(text);
  const auto& attached = root.at("attached").as_object();
  std::int64_t id = 0;
  for (const auto& program : attached.at("programs").as_array())
    if (program.at("name").as_string() == k_at_exec) id = program.at("id").as_int64();
  ASSERT_NE(id, 0);
  const auto& cost = attached.at("cost").as_object();
  EXPECT_GE(cost.at("seconds").to_number<double>(), 2.0);
  bool found = false;
  for (const auto& program : cost.at("programs").as_array()) {
    if (program.at("id").as_int64() != id) continue;
    found = true;
    EXPECT_GT(program.at("runs").as_int64(), 0);
    EXPECT_GT(program.at("ns_per_run").to_number<double>(), 50);
    EXPECT_GT(program.at("cpu_share").to_number<double>(), 0);
    EXPECT_LT(program.at("cpu_share").to_number<double>(), 1);
  }
  EXPECT_TRUE(found) << "it ran";

  const std::uint64_t before = runs_at_exec();
  EXPECT_GT(before, 0U);
  execute_something();
  EXPECT_EQ(runs_at_exec(), before) << "the kernel counts on";
}

TEST(MapCommand, LeavesNothingOnWhenKilled) {
  Agent agent({"watch", "exec", "-o", "json"});
  const std::uint64_t before = runs_at_exec();
  Said map({gancho_path(), "map", "--cost", "1h"});
  const auto until = std::chrono::steady_clock::now() + k_limit;
  while (runs_at_exec() == before && std::chrono::steady_clock::now() < until) execute_something();
  ASSERT_GT(runs_at_exec(), before) << "it never counted";
  EXPECT_EQ(map.end(SIGKILL), 128 + SIGKILL);
  const std::uint64_t after = runs_at_exec();
  execute_something();
  EXPECT_EQ(runs_at_exec(), after);
}

TEST(MapCommand, SaysAtAHookWhoIsThere) {
  Agent agent({"watch", "exec", "-o", "json"});
  const auto [text, status] = Said({gancho_path(), "map", "sched_process_exec", "--json"}).wait();
  EXPECT_EQ(status, 0);
  bool found = false;
  const auto root = parsed(text);
  for (const auto& place : root.at("places").as_array()) {
    if (place.at("kind").as_string() != "btf_tracepoint") continue;
    for (const auto& one : place.at("attached").as_array())
      found |= one.at("how").as_string() == "tp_btf";
  }
  EXPECT_TRUE(found) << text;
  const auto [page, page_status] = Said({gancho_path(), "map", "sched_process_exec"}).wait();
  EXPECT_EQ(page_status, 0);
  EXPECT_THAT(page, HasSubstr(k_at_exec));
  EXPECT_THAT(page, HasSubstr("gancho[" + std::to_string(agent.keeper()) + "]"));
}

TEST(MapCommand, TellsOneWhoMayNotLook) {
  const std::vector<std::string> nobody{"setpriv",        "--reuid=65534", "--regid=65534",
                                        "--clear-groups", gancho_path(),   "map"};
  auto words = nobody;
  const auto [map, status] = Said(words).wait();
  EXPECT_EQ(status, 0) << map;
  EXPECT_THAT(map, HasSubstr("what is attached now: only root may see it"));
  words.emplace_back("attached");
  const auto [attached, refused] = Said(words).wait();
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(std::ranges::count(attached, '\n'), 1) << attached;
  EXPECT_THAT(attached, HasSubstr("root"));
  words = nobody;
  words.insert(words.end(), {"--cost", "1s"});
  const auto [cost, no] = Said(words).wait();
  EXPECT_EQ(no, 2);
  EXPECT_THAT(cost, HasSubstr("--cost needs root"));
}

TEST(MapCommand, WatchesProgramsComeAndGo) {
  Said map({gancho_path(), "map", "--watch"});
  ASSERT_THAT(map.wait_for("from now on"), HasSubstr("programs"));
  const std::array<bpf_insn, 2> code{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  Fd program(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "came_and_went", "GPL", code.data(),
                           code.size(), nullptr));
  ASSERT_TRUE(program.valid());
  EXPECT_THAT(map.wait_for("came_and_went"), testing::ContainsRegex("\\+ loaded +socket_filter"));
  program.reset();
  EXPECT_THAT(map.wait_for(" - loaded"), HasSubstr("came_and_went"));
}

}  // namespace
}  // namespace gancho::test
