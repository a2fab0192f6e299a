// SPDX-License-Identifier: Apache-2.0
//
// The courier as a process, in its cage, with all of its sinks, and a real journal.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "agent/sandbox.h"
#include "sinks/courier_process.h"
#include "sinks/http_server.h"
#include "sinks/sink_stage.h"
#include "support/agent.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::HasSubstr;

Alert numbered(const std::string& json) {
  return {.json = json,
          .text = "Warning: text",
          .rule = "Rule of the test",
          .priority = rules::Priority::warning,
          .wall_ns = 1'764'000'000'000'000'000};
}

std::size_t lines_in(const std::string& path) {
  std::ifstream file(path);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) ++count;
  return count;
}

class CourierTest : public testing::Test {
 protected:
  void start() {
    // Root's own: the courier's user could not make anything in it.
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    auto made = CourierProcess::create(options_, gancho_path());
    ASSERT_TRUE(made) << made.error().message;
    courier_.emplace(std::move(*made));
    const Status started = courier_->start();
    ASSERT_TRUE(started) << started.error().message;
    mind_until([&] { return courier_->ready(); });
    sender_ = AlertSender(courier_->worker_fd());
  }
  void mind_until(const std::function<bool()>& condition) {
    const auto end = SinkStage::deadline();
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << testing::PrintToString(lines_);
      pollfd wait{.fd = courier_->socket(), .events = POLLIN, .revents = 0};
      (void)::poll(&wait, 1, 5);
      for (std::string& line : courier_->mind()) lines_.push_back(std::move(line));
    }
  }
  void send(int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(sender_.send(numbered("{\"n\":" + std::to_string(i) + "}"))) << i;
  }
  void stop() {
    for (std::string& line : courier_->stop(30s)) lines_.push_back(std::move(line));
    EXPECT_FALSE(courier_->running());
  }
  SinkCounts counts(SinkKind kind) const {
    return courier_->report().sinks[static_cast<std::size_t>(kind)];
  }
  std::string status_of(pid_t pid) const {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string write_program(const std::string& text) const {
    std::string path = folder_.path() + "/program";
    std::ofstream(path) << "#!/bin/sh\n" << text;
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    return path;
  }

  TemporaryFolder folder_;
  AlertOptions options_;
  std::optional<CourierProcess> courier_;
  AlertSender sender_;
  std::vector<std::string> lines_;
};

TEST_F(CourierTest, DeliversToAllOfThem) {
  const HttpServer server;
  const std::string log = folder_.path() + "/log";
  const Fd listener(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, log.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);
  ASSERT_EQ(::chmod(log.c_str(), 0666), 0);
  const std::string out = folder_.path() + "/out";
  ASSERT_EQ(::mkdir(out.c_str(), 0777), 0);
  ASSERT_EQ(::chmod(out.c_str(), 0777), 0);

  options_.file.path = folder_.path() + "/alerts.json";
  options_.syslog = {.enabled = true, .facility = "local0", .socket = log};
  // By name: the resolver reads files, in the cage.
  options_.http.url = "http://localhost:" + std::to_string(server.port()) + "/";
  options_.program.command = {write_program("cat >> $1/$$; id -u >> $1/users"), out};
  start();
  const pid_t pid = courier_->pid();
  const std::string status = status_of(pid);
  EXPECT_THAT(status, HasSubstr("Uid:\t61749\t61749\t61749\t61749\n"));
  EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000\n"));
  EXPECT_THAT(status, HasSubstr("CapBnd:\t0000000000000000\n"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
  EXPECT_THAT(status, HasSubstr("Seccomp:\t2\n"));

  send(5);
  for (int i = 0; i < 5; ++i) {
    pollfd wait{.fd = listener.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&wait, 1, 60'000), 1) << testing::PrintToString(lines_);
    std::string text(1000, '\0');
    ASSERT_GT(::recv(listener.get(), text.data(), text.size(), 0), 0);
    EXPECT_THAT(text, testing::StartsWith("<132>"));
  }
  stop();
  EXPECT_EQ(lines_in(options_.file.path), 5U);
  EXPECT_EQ(server.seen().size(), 5U);
  for (const SinkKind kind : {SinkKind::file, SinkKind::syslog, SinkKind::http, SinkKind::program})
    EXPECT_EQ(counts(kind).delivered, 5U) << word_of(kind) << testing::PrintToString(lines_);
  EXPECT_EQ(lines_in(out + "/users"), 5U);
  std::ifstream users(out + "/users");
  for (std::string user; std::getline(users, user);) EXPECT_EQ(user, "61749");
  EXPECT_EQ(courier_->report().received, 5U);
  EXPECT_THAT(lines_, testing::IsEmpty());
}

// A name server that takes questions and never answers. The system's resolver would wait for it for
// ten seconds and more.
TEST_F(CourierTest, ASilentNameServerHoldsNoLongerThanTheTimeOut) {
  const Fd server(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(53);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const std::string names = folder_.path() + "/resolv.conf";
  std::ofstream(names) << "nameserver 127.0.0.1\noptions timeout:30 attempts:3\n";
  // For this process and the courier only.
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(::mount(names.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr), 0);
  options_.http.url = "http://nobody-knows.example/";
  options_.http.timeout = 300ms;
  options_.http.retries = 2;
  options_.http.first_wait = 10ms;
  start();
  const auto begin = std::chrono::steady_clock::now();
  send(1);
  mind_until([&] { return counts(SinkKind::http).failed == 1; });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("cannot find the host: ")))
      << testing::PrintToString(lines_);
  // It was asked, so that it is this what took so long.
  pollfd asked{.fd = server.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&asked, 1, 0), 1);
  courier_.reset();
  EXPECT_EQ(::umount("/etc/resolv.conf"), 0);
}

TEST_F(CourierTest, HasItsFileRotated) {
  options_.file = {.path = folder_.path() + "/alerts.json", .max_bytes = 100, .keep = 3};
  start();
  for (int i = 0; i < 100; ++i) {
    send(1);
    mind_until([&] { return counts(SinkKind::file).delivered == static_cast<unsigned>(i + 1); });
  }
  ASSERT_EQ(::rename(options_.file.path.c_str(), (folder_.path() + "/moved").c_str()), 0);
  ASSERT_TRUE(courier_->reopen());
  send(1);
  stop();
  EXPECT_EQ(lines_in(options_.file.path), 1U);
  EXPECT_TRUE(fs::exists(options_.file.path + ".3"));
  EXPECT_FALSE(fs::exists(options_.file.path + ".4"));
}

TEST_F(CourierTest, OneThatIsSilentHoldsNoOther) {
  HttpServer server;
  server.answer(std::deque<HttpAnswer>(1000, {.silent = true}));
  options_.http.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  options_.http.timeout = 5min;
  options_.queue = 16;
  options_.file.path = folder_.path() + "/alerts.json";
  start();
  for (int i = 0; i < 100; ++i) {
    send(1);
    mind_until([&] { return counts(SinkKind::file).delivered == static_cast<unsigned>(i + 1); });
  }
  EXPECT_EQ(counts(SinkKind::http).dropped, 84U);
  for (std::string& line : courier_->stop(100ms)) lines_.push_back(std::move(line));
  EXPECT_EQ(counts(SinkKind::http).lost, 16U);
  EXPECT_THAT(losses(courier_->report()),
              testing::ElementsAre("alerts, http: 0 delivered, 84 dropped (queue full), 0 given "
                                   "up, 16 lost"));
}

// What it had not read yet is its successor's.
TEST_F(CourierTest, OneThatIsKilledIsReplacedAndLosesOnlyWhatItHeld) {
  options_.file.path = folder_.path() + "/alerts.json";
  start();
  const pid_t first = courier_->pid();
  ASSERT_EQ(::kill(first, SIGSTOP), 0);
  send(50);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  mind_until([&] { return courier_->running() && courier_->pid() != first; });
  EXPECT_THAT(lines_, testing::ElementsAre(
                          "the courier of alerts was killed by signal 9; starting another"));
  stop();
  EXPECT_EQ(lines_in(options_.file.path), 50U);
  EXPECT_EQ(courier_->report().restarts, 1U);
  EXPECT_EQ(counts(SinkKind::file).delivered, 50U);
}

TEST_F(CourierTest, WhatItHeldIsCounted) {
  HttpServer server;
  server.answer({{.silent = true}});
  options_.http.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  options_.http.timeout = 5min;
  start();
  send(7);
  // And the server has been asked, or it would be silent to the next one.
  mind_until([&] { return counts(SinkKind::http).offered == 7 && server.seen().size() == 1; });
  const pid_t first = courier_->pid();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  mind_until([&] { return courier_->running() && courier_->pid() != first; });
  EXPECT_EQ(counts(SinkKind::http).lost, 7U);
  send(1);
  stop();
  EXPECT_EQ(counts(SinkKind::http).delivered, 1U);
  EXPECT_EQ(counts(SinkKind::http).waiting(), 0U);
}

TEST_F(CourierTest, OneThatAlwaysDiesIsNotStartedForEver) {
  options_.http.url = "https://h/";
  options_.http.ca_file = folder_.path() + "/none";
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  auto made = CourierProcess::create(options_, gancho_path());
  ASSERT_TRUE(made);
  courier_.emplace(std::move(*made));
  ASSERT_TRUE(courier_->start());
  mind_until(
      [&] { return !lines_.empty() && lines_.back().contains("another is started in a minute"); });
  EXPECT_EQ(courier_->report().restarts, 5U);
  EXPECT_THAT(lines_.front(), HasSubstr("cannot use the certificates of "));
}

TEST_F(CourierTest, ItsKeeperSaysWhatIsWrongWithTheFile) {
  options_.file.path = folder_.path() + "/none/alerts.json";
  const auto made = CourierProcess::create(options_, gancho_path());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("none/alerts.json: No such file or directory"));
}

// Of the calls of the courier's cage: an errno, or 0 when it was done.
int try_in_cage(bool network, const std::function<bool()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!enter_courier_sandbox(choose_courier_user(""), network)) ::syscall(SYS_exit_group, 255);
    errno = 0;
    const bool done = act();
    ::syscall(SYS_exit_group, done ? 0 : errno);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}
template <class... Arguments>
bool call(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) != -1;
}

TEST(CourierCage, RefusesWhateverReachesOutOfIt) {
  const pid_t parent = ::getpid();
  static const char* const shell[] = {"/bin/sh", nullptr};
  static char page[4096];
  static bpf_attr bpf{};
  const std::map<std::string, std::function<bool()>> acts{
      {"open", [] { return call(SYS_open, "/etc/passwd", O_RDONLY); }},
      {"openat, to write", [] { return call(SYS_openat, AT_FDCWD, "/tmp/x", O_WRONLY); }},
      {"openat, to create",
       [] { return call(SYS_openat, AT_FDCWD, "/tmp/x", O_RDONLY | O_CREAT, 0600); }},
      {"unlink", [] { return call(SYS_unlink, "/tmp/x"); }},
      {"rename", [] { return call(SYS_rename, "/tmp/x", "/tmp/y"); }},
      {"execve", [] { return call(SYS_execve, shell[0], shell, nullptr); }},
      {"fork", [] { return call(SYS_fork); }},
      {"vfork", [] { return call(SYS_vfork); }},
      {"clone", [] { return call(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"kill", [=] { return call(SYS_kill, parent, 0); }},
      {"tgkill", [=] { return call(SYS_tgkill, parent, parent, 0); }},
      {"pidfd_open", [=] { return call(SYS_pidfd_open, parent, 0); }},
      {"ptrace", [=] { return call(SYS_ptrace, PTRACE_ATTACH, parent, 0, 0); }},
      {"bpf", [] { return call(SYS_bpf, BPF_PROG_GET_NEXT_ID, &bpf, sizeof(bpf)); }},
      {"process_vm_readv", [=] { return call(SYS_process_vm_readv, parent, page, 0, page, 0, 0); }},
      {"unshare", [] { return call(SYS_unshare, CLONE_NEWUSER); }},
      {"dumpable", [] { return call(SYS_prctl, 4, 1); }},
  };
  for (const auto& [name, act] : acts)
    for (const bool network : {false, true})
      EXPECT_EQ(try_in_cage(network, act), EPERM) << name << network;
  const auto inet = [] { return call(SYS_socket, AF_INET, SOCK_STREAM, 0); };
  EXPECT_EQ(try_in_cage(false, inet), EPERM);
  EXPECT_EQ(try_in_cage(true, inet), 0);
  const auto read = [] { return call(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); };
  EXPECT_EQ(try_in_cage(false, read), EPERM);
  EXPECT_EQ(try_in_cage(true, read), 0);
}

// systemd's own journal daemon, and its own reader.
TEST_F(CourierTest, TheJournalKeepsItsFields) {
  const char* const daemon = "/lib/systemd/systemd-journald";
  if (!fs::exists(daemon)) GTEST_SKIP() << "no systemd-journald here";
  const std::string socket = "/run/systemd/journal/socket";
  if (fs::exists(socket)) GTEST_SKIP() << "the machine's own journal is left alone";
  fs::create_directories("/run/systemd/journal");
  fs::create_directories("/run/log/journal");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl(daemon, daemon, nullptr);
    ::_exit(127);
  }
  SinkStage::wait_until(
      [&] { return fs::exists(socket) || ::waitpid(pid, nullptr, WNOHANG) == pid; });
  ASSERT_TRUE(fs::exists(socket));
  options_.journal.enabled = true;
  start();
  ASSERT_TRUE(sender_.send(numbered(R"({"rule":"Rule of the test"})")));
  stop();
  EXPECT_EQ(counts(SinkKind::journal).delivered, 1U) << testing::PrintToString(lines_);
  std::string output;
  SinkStage::wait_until([&] {
    output = run({"journalctl", "-D", "/run/log/journal", "-o", "json", "--no-pager",
                  "GANCHO_RULE=Rule of the test"})
                 .output;
    return !output.empty();
  });
  EXPECT_THAT(output, HasSubstr(R"("MESSAGE":"Warning: text")"));
  EXPECT_THAT(output, HasSubstr(R"("PRIORITY":"4")"));
  EXPECT_THAT(output, HasSubstr(R"("GANCHO_SOURCE":"syscall")"));
  EXPECT_THAT(output, HasSubstr(R"("SYSLOG_IDENTIFIER":"gancho")"));
  EXPECT_THAT(output, HasSubstr(R"("_UID":"61749")"));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace
}  // namespace gancho::test
