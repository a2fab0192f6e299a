// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <string>

#include "rules/act.h"

namespace gancho::test {
namespace {

std::unique_ptr<Sleeper> sleeper;  // of the act that is under way
int place = 0;                     // in memory: the sleeper has it at the same address

void trace(pid_t pid) {
  require(::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0, "ptrace");
}

long write_memory(pid_t pid) {
  int value = 1;
  const iovec local{.iov_base = &value, .iov_len = sizeof value};
  const iovec remote{.iov_base = &place, .iov_len = sizeof place};
  return ::process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

long read_memory(pid_t pid) {
  int value = 0;
  const iovec local{.iov_base = &value, .iov_len = sizeof value};
  const iovec remote{.iov_base = &place, .iov_len = sizeof place};
  return ::process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

// Another user in each id, and nothing of root's but one capability.
void become_somebody_who_may_become_anybody() {
  require(::prctl(PR_SET_KEEPCAPS, 1) == 0, "prctl");
  require(::setresuid(65534, 65534, 65534) == 0, "setresuid");
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  data[0] = {.effective = 1U << CAP_SETUID, .permitted = 1U << CAP_SETUID, .inheritable = 0};
  require(::syscall(SYS_capset, &header, data.data()) == 0, "capset");
}

void stem_from_login(const std::string& uid) {
  const int fd = ::open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
  require(::write(fd, uid.data(), uid.size()) > 0, "loginuid");
  ::close(fd);
}

void enter_names_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/uts";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  require(::setns(fd, CLONE_NEWUTS) == 0, "setns");
}

void leave(int flags) {
  require(::unshare(flags) == 0, "unshare");
}

// So that what is mounted goes with the process.
void with_mounts_of_its_own() {
  leave(CLONE_NEWNS);
  require(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
}

void called(const char* name) {
  ::prctl(PR_SET_NAME, name);
  std::signal(SIGHUP, SIG_IGN);
}

}  // namespace

std::vector<Act> privilege_acts() {
  return {
      {.rule = "Process of another user traced",
       .prepare = [] { sleeper = std::make_unique<Sleeper>(become_nobody); },
       .act = [] { trace(sleeper->pid()); },
       .miss =
           [] {
             const Sleeper own;
             trace(own.pid());
           },
       .tidy = [] { sleeper.reset(); }},
      {.rule = "Memory of another process written",
       .prepare = [] { sleeper = std::make_unique<Sleeper>(); },
       .act =
           [] {
             require(write_memory(sleeper->pid()) == sizeof(int), "process_vm_writev");
             const std::string path = "/proc/" + std::to_string(sleeper->pid()) + "/mem";
             require(::open(path.c_str(), O_RDWR | O_CLOEXEC) >= 0, path.c_str());
           },
       .miss =
           [] {
             require(write_memory(::getpid()) == sizeof(int), "process_vm_writev");
             require(read_memory(sleeper->pid()) == sizeof(int), "process_vm_readv");
             const std::string path = "/proc/" + std::to_string(sleeper->pid()) + "/mem";
             require(::open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0, path.c_str());
           },
       .tidy = [] { sleeper.reset(); }},
      {.rule = "Root without a way to it",
       .act =
           [] {
             become_somebody_who_may_become_anybody();
             require(::setresuid(0, 0, 0) == 0, "setresuid");
           },
       // As sshd does, and sudo: root is kept in the saved id.
       .miss =
           [] {
             require(::setresuid(65534, 65534, 0) == 0, "setresuid");
             require(::setresuid(0, 0, 0) == 0, "setresuid");
             become_somebody_who_may_become_anybody();
             require(::setresuid(1, 1, 1) == 0, "setresuid");
           }},
      {.rule = "Login replaced",
       .act =
           [] {
             stem_from_login("1000");
             stem_from_login("1001");
           },
       .miss = [] { stem_from_login("1000"); }},
      {.rule = "Namespaces of the machine entered",
       .prepare = [] { sleeper = std::make_unique<Sleeper>([] { leave(CLONE_NEWUTS); }); },
       .act =
           [] {
             leave(CLONE_NEWUTS);
             enter_names_of(1);
           },
       .miss =
           [] {
             enter_names_of(1);  // is there already
             enter_names_of(sleeper->pid());
             leave(CLONE_NEWUTS);
             enter_names_of(sleeper->pid());
           },
       .tidy = [] { sleeper.reset(); }},
      {.rule = "User namespace made by a stranger",
       .act =
           [] {
             become_nobody();
             leave(CLONE_NEWUSER);
           },
       .miss =
           [] {
             in_child([] { leave(CLONE_NEWUSER); });  // is root
             become_nobody();
             leave(CLONE_FS);
           }},
      {.rule = "System folder covered",
       .act =
           [] {
             with_mounts_of_its_own();
             require(::mount("/etc/passwd", "/etc/group", nullptr, MS_BIND, nullptr) == 0, "mount");
             require(::mount("cover", "/usr/sbin", "tmpfs", 0, nullptr) == 0, "mount");
           },
       .miss =
           [] {
             with_mounts_of_its_own();
             require(::mount("scratch", "/mnt", "tmpfs", 0, nullptr) == 0, "mount");
             require(::mount("none", "/mnt", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0,
                     "mount");
           }},
      {.rule = "Watchman killed",
       .prepare = [] { sleeper = std::make_unique<Sleeper>([] { called("auditd"); }); },
       .act = [] { require(::kill(sleeper->pid(), SIGSTOP) == 0, "kill"); },
       .miss =
           [] {
             require(::kill(sleeper->pid(), SIGHUP) == 0, "kill");
             const Sleeper other([] { called("audited"); });
             require(::kill(other.pid(), SIGTERM) == 0, "kill");
           },
       .tidy = [] { sleeper.reset(); }},
  };
}

}  // namespace gancho::test
