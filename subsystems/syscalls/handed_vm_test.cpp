// SPDX-License-Identifier: Apache-2.0
//
// read and write by descriptors that a program did not open itself.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "support/agent.h"

namespace gancho::test {
namespace {

const std::string k_place = "/tmp/handed";

std::string path_of(const std::string& name) {
  return k_place + "/" + name;
}

void fill(const std::string& name, const std::string& text = "text\n") {
  std::ofstream(path_of(name)) << text;
}

void expect(bool held, const char* what) {
  if (!held) throw std::runtime_error(what);
}

Fd open_file(const std::string& name, int flags) {
  Fd fd(::open(path_of(name).c_str(), flags | O_CLOEXEC, 0600));
  expect(fd.valid(), "open");
  return fd;
}

pid_t spawn(const std::function<int()>& act) {
  const pid_t pid = ::fork();
  expect(pid >= 0, "fork");
  if (pid == 0) ::_exit(act());
  return pid;
}

int end_of(pid_t pid) {
  int status = -1;
  expect(::waitpid(pid, &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_shell(const std::string& script) {
  return end_of(spawn([&] {
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    return 127;
  }));
}

bool send_fd(int socket, int fd) {
  char byte = 'x';
  iovec vector{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(head), &fd, sizeof(int));
  return ::sendmsg(socket, &message, 0) == 1;
}

int receive_fd(int socket) {
  char byte = 0;
  iovec vector{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  int fd = -1;
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message) != nullptr)
    std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
  return fd;
}

// One agent for all of them: it takes seconds to detach what looks at every read.
class HandedOver : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    expect(::mkdir(k_place.c_str(), 0755) == 0, "mkdir");
    expect(::mount("none", k_place.c_str(), "tmpfs", 0, nullptr) == 0, "mount");
    const std::string pid = std::to_string(::getpid());
    agent_ = std::make_unique<Agent>(std::vector<std::string>{"watch", "read", "write", "--pid",
                                                              pid, "--children", "-o", "json"});
  }
  static void TearDownTestSuite() {
    const Ended ended = agent_->stop();
    EXPECT_EQ(ended.status, 0) << ended.error;
    EXPECT_EQ(number_of(ended.account, "handed_lost"), 0);
    agent_.reset();
  }

  // All events that there have been, as an inherited read shows that comes behind them.
  static std::vector<Event> events() {
    static int number = 0;
    const std::string last = "last" + std::to_string(++number);
    fill(last);
    expect(run_shell("cat < " + path_of(last) + " > /dev/null") == 0, "sh");
    return agent_->wait_for([&](const std::vector<Event>& so_far) {
      return !where(so_far, "fd.name", path_of(last)).empty();
    });
  }

  static std::vector<Event> of(const std::vector<Event>& events, const std::string& name) {
    return where(events, "fd.name", path_of(name));
  }

  static inline std::unique_ptr<Agent> agent_;
};

TEST_F(HandedOver, InheritedByAProgram) {
  fill("in", "0123456789");
  ASSERT_EQ(run_shell("cat < " + path_of("in") + " > " + path_of("out")), 0);
  const std::vector<Event> all = events();
  // cat copies, by whichever call.
  for (const char* name : {"in", "out"}) {
    const std::vector<Event> found = of(all, name);
    ASSERT_FALSE(found.empty()) << name;
    for (const Event& event : found) {
      EXPECT_EQ(text_of(event, "fd.origin"), "inherited");
      EXPECT_EQ(text_of(event, "proc.name"), "cat");
      EXPECT_EQ(text_of(event, "fd.type"), "regular");
    }
  }
  EXPECT_EQ(number_of(of(all, "in").front(), "evt.rawres"), 10);
  EXPECT_EQ(number_of(of(all, "in").front(), "evt.arg.offset"), 0);
  EXPECT_EQ(text_of(of(all, "in").front(), "evt.type"), "read");
  EXPECT_EQ(text_of(of(all, "out").front(), "evt.type"), "write");
}

TEST_F(HandedOver, WhatAProgramOpensItselfIsItsOwn) {
  fill("own");
  ASSERT_EQ(run_shell("cat " + path_of("own") + " > /dev/null; read x < " + path_of("own")), 0);
  EXPECT_TRUE(of(events(), "own").empty());
}

TEST_F(HandedOver, CloseOnExecIsNotInherited) {
  fill("closed");
  Fd closed = open_file("closed", O_RDONLY);
  // The number is free for what the program opens itself, the kernel's object perhaps too.
  const int number = closed.get();
  ASSERT_EQ(run_shell("exec " + std::to_string(number) + "< " + path_of("closed") + "; read x <&" +
                      std::to_string(number)),
            0);
  EXPECT_TRUE(of(events(), "closed").empty());
}

TEST_F(HandedOver, AChildThatWasForkedIsTheSameProgram) {
  fill("mine");
  fill("theirs");
  const Fd mine = open_file("mine", O_RDONLY);
  ASSERT_EQ(end_of(spawn([&] {
              char byte = 0;
              return ::read(mine.get(), &byte, 1) == 1 ? 0 : 1;
            })),
            0);
  // A subshell of one that inherited reads what its parent did not open either.
  ASSERT_EQ(run_shell("exec 7< " + path_of("theirs") + "; exec sh -c '(read x <&7) ; true'"), 0);
  const std::vector<Event> all = events();
  EXPECT_TRUE(of(all, "mine").empty());
  const std::vector<Event> theirs = of(all, "theirs");
  ASSERT_FALSE(theirs.empty());
  EXPECT_EQ(text_of(theirs.front(), "fd.origin"), "inherited");
}

TEST_F(HandedOver, AnObjectThatIsUsedAgainIsNotInherited) {
  fill("first");
  fill("again");
  // The shell closes what it inherited, and opens others, which get the same struct file sooner or
  // later.
  ASSERT_EQ(run_shell("exec 7< " + path_of("first") +
                      "; exec sh -c 'read x <&7; exec 7<&-; "
                      "i=0; while [ $i -lt 300 ]; do exec 8< " +
                      path_of("again") + "; read x <&8; exec 8<&-; i=$((i+1)); done'"),
            0);
  const std::vector<Event> all = events();
  EXPECT_FALSE(of(all, "first").empty());
  EXPECT_TRUE(of(all, "again").empty());
}

TEST_F(HandedOver, ReceivedOverAUnixSocket) {
  fill("sent", "12345");
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const pid_t receiver = spawn([&] {
    const int fd = receive_fd(ends[1]);
    std::array<char, 8> bytes{};
    return fd >= 0 && ::read(fd, bytes.data(), bytes.size()) == 5 ? 0 : 1;
  });
  {
    const Fd fd = open_file("sent", O_RDONLY);
    ASSERT_TRUE(send_fd(ends[0], fd.get()));
  }
  ASSERT_EQ(end_of(receiver), 0);
  const std::vector<Event> found = of(events(), "sent");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(text_of(found[0], "fd.origin"), "received");
  EXPECT_EQ(number_of(found[0], "proc.pid"), receiver);
  EXPECT_EQ(number_of(found[0], "evt.rawres"), 5);
  for (const int end : ends) ::close(end);
}

TEST_F(HandedOver, TakenByPidfdGetfd) {
  fill("taken", "12345");
  const Fd fd = open_file("taken", O_RDONLY);
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  ASSERT_TRUE(process.valid());
  const pid_t taker = spawn([&] {
    const auto taken = static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), fd.get(), 0));
    std::array<char, 8> bytes{};
    return taken >= 0 && ::read(taken, bytes.data(), bytes.size()) == 5 ? 0 : 1;
  });
  ASSERT_EQ(end_of(taker), 0);
  const std::vector<Event> found = of(events(), "taken");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(text_of(found[0], "fd.origin"), "received");
  EXPECT_EQ(number_of(found[0], "proc.pid"), taker);
}

TEST_F(HandedOver, ASocketSaysWhichOne) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  ASSERT_EQ(run_shell("echo hello >&" + std::to_string(ends[1])), 0);
  const std::vector<Event> found = where(events(), "fd.socket.family", "AF_UNIX");
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(text_of(found[0], "evt.type"), "write");
  EXPECT_EQ(text_of(found[0], "fd.type"), "socket");
  EXPECT_EQ(text_of(found[0], "fd.origin"), "inherited");
  EXPECT_EQ(text_of(found[0], "fd.socket.type"), "SOCK_STREAM");
  EXPECT_EQ(number_of(found[0], "evt.rawres"), 6);
  EXPECT_FALSE(found[0].contains("evt.arg.offset"));
  for (const int end : ends) ::close(end);
}

TEST_F(HandedOver, PipesAreEverybodys) {
  ASSERT_EQ(run_shell("echo hello | cat > /dev/null"), 0);
  for (const Event& event : events()) EXPECT_NE(text_of(event, "fd.type"), "fifo");
}

// ---- which files are watched, when that changes ----

std::vector<Event> reads_of(const Agent& agent, const std::string& name) {
  return where(agent.events(), "fd.name", path_of(name));
}

void read_once(const std::string& name) {
  const Fd fd = open_file(name, O_RDONLY);
  char byte = 0;
  expect(::read(fd.get(), &byte, 1) == 1, "read");
}

TEST(WatchedFiles, AReloadExchangesThem) {
  for (const char* name : {"a", "b", "both"}) fill(name);
  const std::string config = path_of("gancho.yaml");
  const auto configure = [&](const std::string& files) {
    std::ofstream(config) << "events: [read]\nsocket: \"\"\nio:\n  files: [" << files << "]\n";
  };
  const auto reload = [](const Agent& agent) {
    expect(::kill(agent.keeper(), SIGHUP) == 0, "kill");
    agent.wait_for_notice("READY=1");
  };
  configure(path_of("a") + ", " + path_of("both"));
  Agent agent({"run", "--config", config});
  const auto read_all = [&] {
    for (const char* name : {"a", "b", "both"}) read_once(name);
  };
  const auto expect_reads = [&](std::size_t a, std::size_t b, std::size_t both) {
    agent.wait_for([&](const std::vector<Event>& all) {
      return where(all, "fd.name", path_of("both")).size() >= both;
    });
    EXPECT_EQ(reads_of(agent, "a").size(), a);
    EXPECT_EQ(reads_of(agent, "b").size(), b);
    EXPECT_EQ(reads_of(agent, "both").size(), both);
  };
  read_all();
  expect_reads(1, 0, 1);
  configure(path_of("b") + ", " + path_of("both"));
  reload(agent);
  read_all();
  expect_reads(1, 1, 2);
  // What is wrong changes nothing.
  configure(path_of("nowhere/a"));
  reload(agent);
  EXPECT_NE(agent.error().find("cannot watch \"" + path_of("nowhere/a") + "\""), std::string::npos)
      << agent.error();
  read_all();
  expect_reads(1, 2, 3);
  configure(path_of("a") + ", " + path_of("both"));
  reload(agent);
  read_all();
  expect_reads(2, 2, 4);
  EXPECT_EQ(agent.stop().status, 0);
}

TEST(WatchedFiles, WhatCannotBeWatchedIsSaidInOneLine) {
  const Ran ran = run({gancho_path(), "watch", "read", "--file", path_of("nowhere/a")});
  EXPECT_NE(ran.status, 0);
  EXPECT_EQ(ran.error,
            "gancho: cannot watch \"" + path_of("nowhere/a") + "\": No such file or directory\n");
}

// A filter holds for these as for all.
TEST(WatchedFiles, AFilterHolds) {
  fill("filtered");
  const pid_t other = spawn([] {
    ::pause();
    return 0;
  });
  Agent agent({"watch", "read", "--file", path_of("filtered"), "--pid", std::to_string(other), "-o",
               "json"});
  read_once("filtered");
  ::kill(other, SIGKILL);
  (void)end_of(other);
  const Ended ended = agent.stop();
  EXPECT_TRUE(ended.events.empty());
  EXPECT_EQ(number_of(ended.account.at("bulk").as_object(), "filtered"), 1);
}

}  // namespace
}  // namespace gancho::test
