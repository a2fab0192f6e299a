// SPDX-License-Identifier: Apache-2.0
//
// What surrounds an exec: credentials, namespaces, roots, overlays, threads, terminals, cgroups,
// forebears.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <pty.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

const std::string k_dir = "/tmp/truth/world";

Expect plain(const std::string& path) {
  return {.filename = path, .exepath = path, .args = {"t"}};
}

void become(uid_t uid, gid_t gid) {
  must(::setgroups(0, nullptr) == 0 && ::setresgid(gid, gid, gid) == 0 &&
           ::setresuid(uid, uid, uid) == 0,
       "setresuid");
}

Act staged(const std::string& path, std::function<void()> stage) {
  return {.stage = std::move(stage), .execute = [=] { exec_file(path, {"t"}); }};
}

TEST(Credentials, OfAnotherUser) {
  const std::string path = target_path();
  const Event event = check("uid 1000", staged(path, [] { become(1000, 1000); }), plain(path));
  EXPECT_EQ(number_of(event, "user.uid"), 1000);
  EXPECT_EQ(text_of(event, "thread.cap_effective"), "0x0000000000000000");
}

TEST(Credentials, SavedAndEffectiveDiffer) {
  const std::string path = target_path();
  Expect expect = plain(path);
  expect.flags = {"secure"};
  check(
      "three user ids",
      staged(path,
             [] { must(::setresgid(11, 12, 13) == 0 && ::setresuid(1, 2, 3) == 0, "setresuid"); }),
      expect);
}

TEST(Credentials, SetUserId) {
  const std::string path = copy_target(directory(k_dir) + "/suid");
  ::chmod(path.c_str(), 04755);
  Expect expect = plain(path);
  expect.flags = {"suid", "secure"};
  const Event event =
      check("set-uid root by uid 1000", staged(path, [] { become(1000, 1000); }), expect);
  EXPECT_EQ(number_of(event, "user.before.uid"), 1000);
  EXPECT_EQ(number_of(event, "user.ruid"), 1000);
  EXPECT_EQ(number_of(event, "user.uid"), 0);
  EXPECT_NE(text_of(event, "thread.cap_effective"), text_of(event, "thread.before.cap_effective"));
  expect.flags = {"suid"};
  check("set-uid root by root", staged(path, [] {}), expect);
  check("set-uid, but no_new_privs",
        staged(path,
               [] {
                 become(1000, 1000);
                 must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "prctl");
               }),
        expect);
}

TEST(Credentials, SetGroupId) {
  const std::string path = copy_target(directory(k_dir) + "/sgid");
  must(::chown(path.c_str(), 0, 42) == 0 && ::chmod(path.c_str(), 02755) == 0, "chown");
  Expect expect = plain(path);
  expect.flags = {"sgid", "secure"};
  const Event event =
      check("set-gid 42 by uid 1000", staged(path, [] { become(1000, 1000); }), expect);
  EXPECT_EQ(number_of(event, "group.before.gid"), 1000);
  EXPECT_EQ(number_of(event, "group.gid"), 42);
}

TEST(Credentials, SetUserIdOfANosuidMount) {
  const std::string mount = directory(k_dir + "/nosuid");
  ASSERT_EQ(::mount("tmpfs", mount.c_str(), "tmpfs", MS_NOSUID, nullptr), 0);
  const std::string path = copy_target(mount + "/suid");
  ::chmod(path.c_str(), 04755);
  Expect expect = plain(path);
  expect.flags = {"suid"};
  check("set-uid on a nosuid mount", staged(path, [] { become(1000, 1000); }), expect);
}

TEST(Credentials, ReducedCapabilities) {
  const std::string path = target_path();
  check("bounding set without sys_admin",
        staged(path, [] { must(::prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) == 0, "drop"); }),
        plain(path));
}

TEST(Credentials, LoginUid) {
  const std::string path = target_path();
  const auto login = [] {
    const int fd = ::open("/proc/self/loginuid", O_WRONLY);
    must(::write(fd, "1234", 4) == 4, "loginuid");
  };
  EXPECT_EQ(number_of(check("loginuid", staged(path, login), plain(path)), "user.loginuid"), 1234);
}

TEST(Namespaces, EachKind) {
  const std::string path = target_path();
  const std::vector<std::pair<const char*, int>> kinds{
      {"mnt", CLONE_NEWNS},  {"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC},
      {"net", CLONE_NEWNET}, {"user", CLONE_NEWUSER}, {"cgroup", CLONE_NEWCGROUP}};
  for (const auto& [name, flag] : kinds) {
    const Event event =
        check(std::string("namespace ") + name,
              staged(path, [=] { must(::unshare(flag) == 0, "unshare"); }), plain(path));
    struct stat mine{};
    ::stat((std::string("/proc/self/ns/") + name).c_str(), &mine);
    EXPECT_NE(number_of(event, std::string("ns.") + name), static_cast<std::int64_t>(mine.st_ino))
        << name;
  }
}

// A grandchild executes; what comes before its exec runs in it.
Act by_grandchild(const std::string& path, std::function<void()> before_fork, bool parent_stays) {
  return {.stage = [=] {
    before_fork();
    const pid_t pid = ::fork();
    if (pid != 0) {
      if (parent_stays) ::waitpid(pid, nullptr, 0);
      ::_exit(0);
    }
    while (!parent_stays && ::getppid() != 1 && ::getppid() != ::getsid(0) &&
           ::access("/tmp/truth/orphan", F_OK) != 0)
      ::usleep(1000);
    this_task_executes();
    exec_file(path, {"t"});
    came_back(errno);
    ::_exit(1);
  }};
}

TEST(Namespaces, ProcessIds) {
  const std::string path = target_path();
  const Event event = check("pid namespace",
                            by_grandchild(
                                path, [] { must(::unshare(CLONE_NEWPID) == 0, "unshare"); }, true),
                            plain(path));
  EXPECT_EQ(number_of(event, "proc.vpid"), 1);
  EXPECT_GT(number_of(event, "proc.pid"), 1);
  const std::string none = "/none/in-a-pid-namespace";
  const Outcome outcome =
      perform("failure in a pid namespace",
              by_grandchild(none, [] { must(::unshare(CLONE_NEWPID) == 0, "unshare"); }, true));
  ASSERT_EQ(outcome.error, ENOENT);
  check_record(outcome, ExecLog::get().records(outcome.name, outcome.facts.pid).front(),
               {.filename = none, .exepath = std::nullopt, .args = {"t"}});
}

TEST(Roots, Chroot) {
  const std::string root = directory(k_dir + "/root");
  const std::string host = copy_target(directory(root + "/bin") + "/inside");
  const Expect expect{.filename = "/bin/inside",
                      .exepath = "/bin/inside",
                      .hostpath = host,
                      .args = {"t"},
                      .cwd = "/bin"};
  check("chroot",
        staged("/bin/inside",
               [=] { must(::chroot(root.c_str()) == 0 && ::chdir("/bin") == 0, "chroot"); }),
        expect);
  // A descriptor from outside leads out of the root.
  const Event event =
      check("out of the chroot",
            {.stage =
                 [=] {
                   must(::dup2(::open(target_path().c_str(), O_PATH), 77) == 77, "open");
                   must(::chroot(root.c_str()) == 0 && ::chdir("/") == 0, "chroot");
                 },
             .execute = [] { exec_at(77, "", {"t"}, AT_EMPTY_PATH); }},
            {.filename = "/dev/fd/77",
             .exepath = target_path(),
             .args = {"t"},
             .flags = {"exe_unreachable"},
             .cwd = "/"});
  EXPECT_EQ(text_of(event, "proc.exehostpath"), target_path());
}

TEST(Roots, MountNamespaceWithItsOwnMounts) {
  const std::string mount = directory(k_dir + "/private"), path = mount + "/below/target";
  check("a mount that only the process has",
        staged(path,
               [=] {
                 must(::unshare(CLONE_NEWNS) == 0 &&
                          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
                      "unshare");
                 must(::mount("tmpfs", mount.c_str(), "tmpfs", 0, nullptr) == 0, "tmpfs");
                 must(::mkdir((mount + "/below").c_str(), 0755) == 0, "mkdir");
                 must(::mount("/tmp/truth", (mount + "/below").c_str(), nullptr, MS_BIND,
                              nullptr) == 0,
                      "bind");
               }),
        {.filename = path, .exepath = path, .args = {"t"}, .stat = target_path()});
}

TEST(Roots, PivotedRoot) {
  const std::string root = directory(k_dir + "/pivot");
  check("pivot_root",
        staged("/inside",
               [=] {
                 must(::unshare(CLONE_NEWNS) == 0 &&
                          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
                      "unshare");
                 must(::mount("/tmp/truth", root.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
                          ::chdir(root.c_str()) == 0,
                      "bind");
                 must(::link("target", "inside") == 0, "link");
                 must(::syscall(SYS_pivot_root, ".", ".") == 0 && ::umount2(".", MNT_DETACH) == 0 &&
                          ::chdir("/") == 0,
                      "pivot");
               }),
        {.filename = "/inside",
         .exepath = "/inside",
         .args = {"t"},
         .stat = target_path(),
         .cwd = "/"});
}

TEST(Roots, OverlayLayers) {
  const std::string top = directory(k_dir + "/overlay");
  ASSERT_EQ(::mount("tmpfs", top.c_str(), "tmpfs", 0, nullptr), 0);
  for (const char* name : {"/lower", "/upper", "/work", "/merged"}) directory(top + name);
  for (const char* name : {"/lower/old", "/lower/touched", "/upper/early"}) copy_target(top + name);
  const std::string options =
      "lowerdir=" + top + "/lower,upperdir=" + top + "/upper,workdir=" + top + "/work";
  ASSERT_EQ(::mount("overlay", (top + "/merged").c_str(), "overlay", 0, options.c_str()), 0);
  ::chmod((top + "/merged/touched").c_str(), 0700);
  copy_target(top + "/merged/new");
  for (const char* name : {"old", "touched", "early", "new"}) {
    Expect expect = plain(top + "/merged/" + name);
    if (name != std::string("old")) expect.flags = {"exe_upper_layer"};
    check(std::string("overlay, ") + name, staged(*expect.filename, [] {}), expect);
  }
}

TEST(Threads, NotTheLeader) {
  const std::string path = target_path();
  const Act act{.stage = [=] {
    std::thread([=] {
      this_task_executes();
      exec_file(path, {"t"});
      came_back(errno);
    }).join();
  }};
  check("exec from a thread", act, plain(path));
  const std::string suid = copy_target(directory(k_dir) + "/suid-thread");
  ::chmod(suid.c_str(), 04755);
  Expect expect = plain(suid);
  expect.flags = {"suid", "secure"};
  check("set-uid exec from a thread of its own user",
        {.stage =
             [=] {
               std::thread([=] {
                 must(::syscall(SYS_setresuid, 1000, 1000, 1000) == 0, "setresuid");
                 this_task_executes();
                 exec_file(suid, {"t"});
                 came_back(errno);
               }).join();
             }},
        expect);
}

TEST(Terminal, Controlling) {
  const std::string path = target_path();
  std::string name;
  const Event event =
      check("terminal",
            staged(path,
                   [] {
                     int master = -1, slave = -1;
                     must(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0, "openpty");
                     must(::setsid() > 0 && ::ioctl(slave, TIOCSCTTY, 0) == 0, "TIOCSCTTY");
                   }),
            plain(path));
  EXPECT_TRUE(text_of(event, "proc.tty").starts_with("136:")) << text_of(event, "proc.tty");
  EXPECT_EQ(text_of(event, "proc.tty_name"), "pts" + text_of(event, "proc.tty").substr(4));
  EXPECT_EQ(number_of(event, "proc.sid"), number_of(event, "proc.pid"));
}

TEST(Cgroup, OfItsOwn) {
  const std::string path = target_path();
  for (const char* name : {"truth", "truth/in/side", "odd \x1b name"}) {
    const std::string group = directory(std::string("/sys/fs/cgroup/") + name);
    const Act act = staged(path, [=] {
      const int fd = ::open((group + "/cgroup.procs").c_str(), O_WRONLY);
      must(::write(fd, "0", 1) == 1, "cgroup.procs");
    });
    check(std::string("cgroup ") + name, act, plain(path));
  }
}

TEST(Lineage, ForkWithoutExecIsNotListed) {
  const std::string path = target_path();
  check("grandchild", by_grandchild(path, [] {}, true), plain(path));
}

TEST(Lineage, DoubleForkWithTheMiddleDead) {
  const std::string path = target_path();
  write_file("/tmp/truth/orphan", "");
  const Act act{.stage = [=] {
    const pid_t middle = ::getpid();
    if (::fork() != 0) ::_exit(0);
    while (::getppid() == middle) ::usleep(1000);
    this_task_executes();
    exec_file(path, {"t"});
  }};
  const Event event = check("orphan", act, plain(path));
  EXPECT_EQ(number_of(event, "proc.ppid"), ::getpid());  // we take in our orphans
}

TEST(Lineage, ChainOfPrograms) {
  const std::string dir = directory(k_dir + "/chain");
  for (const char* name : {"/one", "/two", "/three"}) copy_target(dir + name);
  const Outcome outcome = perform(
      "one, two, three", {.execute = [=] {
        exec_file(dir + "/one", {"1", "--exec", dir + "/two", "--exec", dir + "/three", "end"});
      }});
  const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid, 3);
  check_record(outcome, events[2],
               {.filename = dir + "/three",
                .exepath = dir + "/three",
                .args = {dir + "/three", "end"},
                .lineage = {{"two", "one", "process_vm_test"}}});
  for (int i = 1; i < 3; i++)
    EXPECT_EQ(number_of(events[i], "proc.exec_count"),
              number_of(events[i - 1], "proc.exec_count") + 1);
}

TEST(Lineage, DeeperThanIsKept) {
  const std::string path = target_path();
  constexpr int k_deep = 20;
  Words args;
  for (int i = 0; i < k_deep; i++) {
    args.push_back(path);
    args.emplace_back("--exec");
  }
  args.push_back(path);
  const Outcome outcome = perform("20 programs", {.execute = [=] { exec_file(path, args); }});
  const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid, k_deep + 1);
  const auto names = list_of(events.back(), "proc.lineage");
  EXPECT_EQ(names, Words(16, "target"));
  EXPECT_TRUE(flag_of(events.back(), "proc.lineage_truncated"));
  EXPECT_FALSE(flag_of(events[2], "proc.lineage_truncated"));
  std::int64_t count = number_of(events.back(), "proc.exec_count");
  for (const auto& image : events.back().at("proc.lineage").as_array()) {
    EXPECT_EQ(number_of(image.as_object(), "exec_count"), --count);
    EXPECT_EQ(number_of(image.as_object(), "pid"), outcome.facts.pid);
    EXPECT_EQ(number_of(image.as_object(), "start_time"),
              number_of(events.back(), "proc.start_time"));
  }
}

}  // namespace
}  // namespace gancho::test
