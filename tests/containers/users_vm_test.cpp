// SPDX-License-Identifier: Apache-2.0
//
// Names of users and groups in a container: out of the files that its processes see.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "containers/stage.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;

// A root with a program that stays until it is told to go, and what else a test puts there.
class ContainerRoot : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ + "/etc");
    fs::create_directories(root_ + "/bin");
    fs::copy_file(CONTAINER_SLEEPER, root_ + "/bin/sleeper");
    fs::permissions(directory_.path(), fs::perms(0755));
    write_docker(id_, "web", "a");
  }
  void TearDown() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  // A process in the container, with a root of its own, as `uid`.
  void start(const std::string& tag, uid_t uid, const std::function<void()>& before = [] {}) {
    const std::string root = root_;
    pid_ = start_in(cgroup_, tag, "/bin/sleeper", {}, [=] {
      before();
      if (::unshare(CLONE_NEWNS) != 0 || ::chroot(root.c_str()) != 0 || ::chdir("/") != 0)
        ::_exit(3);
      if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 ||
          ::setresuid(uid, uid, uid) != 0)
        ::_exit(4);
    });
  }

  TemporaryDirectory directory_;
  std::string root_ = directory_.path() + "/root";
  std::string id_ = new_id();
  Cgroup cgroup_{"/docker/" + id_};
  pid_t pid_ = -1;
};

TEST_F(ContainerRoot, AreOfTheContainersFiles) {
  std::ofstream(root_ + "/etc/passwd") << "boss:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/sh\n";
  std::ofstream(root_ + "/etc/group") << "chiefs:x:0:\npages:x:33:\n";
  Agent agent({"watch", "exec", "-o", "json"});
  start("users", 33);
  const Event event = wait_for_tag(agent, "users");
  EXPECT_EQ(number_of(event, "user.uid"), 33);
  EXPECT_EQ(text_of(event, "user.name"), "www");
  EXPECT_EQ(text_of(event, "group.name"), "pages");
  EXPECT_EQ(text_of(event, "container.name"), "web");
  // Nothing on the machine, and nobody on it, got another name by that.
  run_outside("outside");
  EXPECT_EQ(text_of(wait_for_tag(agent, "outside"), "user.name"), "root");
  // In the container's cgroup, but before the machine's files.
  run_in(cgroup_, "entered");
  EXPECT_EQ(text_of(wait_for_tag(agent, "entered"), "user.name"), "root");
}

TEST_F(ContainerRoot, AreMappedThroughItsUserNamespace) {
  std::ofstream(root_ + "/etc/passwd") << "boss:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/sh\n";
  std::ofstream(root_ + "/etc/group") << "pages:x:33:\n";
  Agent agent({"watch", "exec", "-o", "json"});
  int pipes[2][2];
  ASSERT_EQ(::pipe2(pipes[0], O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(pipes[1], O_CLOEXEC), 0);
  start("mapped", 33, [&] {
    char byte = 0;
    if (::unshare(CLONE_NEWUSER) != 0 || ::write(pipes[0][1], "", 1) != 1 ||
        ::read(pipes[1][0], &byte, 1) != 1)
      ::_exit(5);
  });
  char byte = 0;
  ASSERT_EQ(::read(pipes[0][0], &byte, 1), 1);
  for (const char* name : {"uid_map", "gid_map"})
    std::ofstream("/proc/" + std::to_string(pid_) + "/" + name) << "0 100000 65536\n";
  ASSERT_EQ(::write(pipes[1][1], "", 1), 1);
  const Event event = wait_for_tag(agent, "mapped");
  EXPECT_EQ(number_of(event, "user.uid"), 100033);  // as the machine sees it
  EXPECT_EQ(text_of(event, "user.name"), "www");
  EXPECT_EQ(text_of(event, "group.name"), "pages");
}

TEST_F(ContainerRoot, ALinkDoesNotLeadOutOfIt) {
  std::ofstream(root_ + "/etc/real") << "inside:x:33:33::/:/bin/sh\n";
  fs::create_symlink("/etc/real", root_ + "/etc/passwd");
  fs::create_symlink("../../../../../../etc/group", root_ + "/etc/group");
  Agent agent({"watch", "exec", "-o", "json"});
  start("link", 33);
  const Event event = wait_for_tag(agent, "link");
  EXPECT_EQ(text_of(event, "user.name"), "inside");
  EXPECT_FALSE(event.contains("group.name")) << "that is the machine's";
}

TEST_F(ContainerRoot, WhatIsNoFileOrTooLargeIsNotRead) {
  ASSERT_EQ(::mkfifo((root_ + "/etc/passwd").c_str(), 0644), 0);
  std::ofstream(root_ + "/etc/group") << "pages:x:33:\n" << std::string(1 << 20, '#');
  Agent agent({"watch", "exec", "-o", "json"});
  start("odd", 33);
  const Event event = wait_for_tag(agent, "odd");
  EXPECT_FALSE(event.contains("user.name"));
  EXPECT_FALSE(event.contains("group.name"));
  EXPECT_EQ(text_of(event, "container.name"), "web");
}

// A file system served by the container itself, which never answers.
TEST_F(ContainerRoot, OneThatNeverAnswersHoldsNobodyUp) {
  ASSERT_EQ(run({"modprobe", "fuse"}).status, 0);
  const Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(device.valid());
  const std::string options =
      "fd=" + std::to_string(device.get()) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
  ASSERT_EQ(::mount("hang", (root_ + "/etc").c_str(), "fuse", 0, options.c_str()), 0);
  Agent agent({"watch", "exec", "-o", "json"});
  start("hang", 33);
  const Event event = wait_for_tag(agent, "hang");
  EXPECT_EQ(text_of(event, "container.name"), "web") << "what its runtime says is not hidden by it";
  EXPECT_FALSE(event.contains("user.name"));
  run_outside("outside");
  wait_for_tag(agent, "outside");
  EXPECT_EQ(agent.stop().status, 0);
  ::umount2((root_ + "/etc").c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace gancho::test
