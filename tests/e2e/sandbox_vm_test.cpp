// SPDX-License-Identifier: Apache-2.0
//
// The worker's cage: what the live worker has left, and what somebody inside can still do.
#include "agent/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "support/agent.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> status_of(pid_t pid) {
  std::map<std::string, std::string> status;
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    std::string value = line.substr(std::min(line.size(), colon + 1));
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(' ') + 1);
    status[line.substr(0, colon)] = value;
  }
  return status;
}

TEST(LiveWorker, HasNoPrivilegeLeft) {
  Agent agent({"watch", "exec", "-o", "json"});
  auto status = status_of(agent.worker());
  for (const char* name : {"Uid", "Gid"}) {
    std::istringstream ids(status[name]);
    std::uint32_t real = 0;
    std::uint32_t other = 0;
    ids >> real;
    EXPECT_NE(real, 0U) << name;
    while (ids >> other) EXPECT_EQ(other, real) << name;
  }
  EXPECT_EQ(status["Groups"], "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_EQ(status[set], "0000000000000000") << set;
  EXPECT_EQ(status["NoNewPrivs"], "1");
  EXPECT_EQ(status["Seccomp"], "2");
  EXPECT_EQ(status["Threads"], "1");
}

TEST(LiveWorker, HasOnlyTheDescriptorsThatItNeeds) {
  Agent agent({"watch", "exec", "-o", "json"});
  const std::string process = "/proc/" + std::to_string(agent.worker());
  std::map<std::string, int> kinds;
  for (const auto& entry : fs::directory_iterator(process + "/fd")) {
    std::string target = fs::read_symlink(entry.path()).string();
    if (target.starts_with("socket:")) target = "socket";
    ++kinds[target];
    if (target != "anon_inode:bpf-map") continue;
    std::ifstream info(process + "/fdinfo/" + entry.path().filename().string());
    std::string text(std::istreambuf_iterator<char>(info), {});
    EXPECT_NE(text.find("map_type:\t" + std::to_string(BPF_MAP_TYPE_RINGBUF) + "\n"),
              std::string::npos)
        << text;
  }
  const std::map<std::string, int> expected{
      {"/dev/null", 1},
      {agent.output_path(), 2},  // standard output, and the output
      {fs::path(agent.output_path()).replace_filename("err").string(), 1},
      {"socket", 1},
      {"anon_inode:[eventpoll]", 1},
      {"anon_inode:bpf-map", 1 + 2},  // the rings, to wait for them
  };
  EXPECT_EQ(kinds, expected);
}

// What a child inside the cage answers: 0 when `act` was let through, else the errno. 1000 + signal
// when it was killed.
int inside(const std::function<bool()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const SandboxUser user{.uid = k_fallback_uid, .gid = k_fallback_uid};
    if (!enter_sandbox(user)) ::syscall(SYS_exit_group, 255);
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

TEST(Sandbox, RefusesWhateverReachesOutOfIt) {
  const pid_t parent = ::getpid();
  static const char* const path = "/etc/passwd";
  static const char* const shell[] = {"/bin/sh", nullptr};
  static char page[4096] __attribute__((aligned(4096)));
  static bpf_attr bpf{};
  static perf_event_attr perf{};
  static clone_args clone{};
  perf.size = sizeof(perf);
  bpf.map_type = BPF_MAP_TYPE_ARRAY;
  bpf.key_size = bpf.value_size = 4;
  bpf.max_entries = 1;
  const std::map<std::string, std::function<bool()>> acts{
      {"open", [] { return call(SYS_open, path, O_RDONLY); }},
      {"openat", [] { return call(SYS_openat, AT_FDCWD, path, O_RDONLY); }},
      {"openat2", [] { return call(SYS_openat2, AT_FDCWD, path, page, 24); }},
      {"creat", [] { return call(SYS_creat, "/tmp/created", 0600); }},
      {"memfd_create", [] { return call(SYS_memfd_create, "memory", 0); }},
      {"socket", [] { return call(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
      {"connect", [] { return call(SYS_connect, 0, page, 16); }},
      {"bpf, next id", [] { return call(SYS_bpf, BPF_PROG_GET_NEXT_ID, &bpf, sizeof(bpf)); }},
      {"bpf, create", [] { return call(SYS_bpf, BPF_MAP_CREATE, &bpf, sizeof(bpf)); }},
      {"bpf, get", [] { return call(SYS_bpf, BPF_OBJ_GET, &bpf, sizeof(bpf)); }},
      {"execve", [] { return call(SYS_execve, shell[0], shell, nullptr); }},
      {"execveat", [] { return call(SYS_execveat, AT_FDCWD, shell[0], shell, nullptr, 0); }},
      {"fork", [] { return call(SYS_fork); }},
      {"vfork", [] { return call(SYS_vfork); }},
      {"clone", [] { return call(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"clone3", [] { return call(SYS_clone3, &clone, sizeof(clone)); }},
      {"kill", [=] { return call(SYS_kill, parent, 0); }},
      {"tgkill", [=] { return call(SYS_tgkill, parent, parent, 0); }},
      {"pidfd_open", [=] { return call(SYS_pidfd_open, parent, 0); }},
      {"ptrace", [=] { return call(SYS_ptrace, PTRACE_ATTACH, parent, 0, 0); }},
      {"process_vm_readv", [=] { return call(SYS_process_vm_readv, parent, page, 0, page, 0, 0); }},
      {"mmap, executable",
       [] {
         return call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       }},
      {"mprotect, executable",
       [] { return call(SYS_mprotect, page, sizeof(page), PROT_READ | PROT_EXEC); }},
      {"pkey_mprotect",
       [] { return call(SYS_pkey_mprotect, page, sizeof(page), PROT_READ | PROT_EXEC, -1); }},
      {"setuid", [] { return call(SYS_setuid, 0); }},
      {"setresuid", [] { return call(SYS_setresuid, 0, 0, 0); }},
      {"setgroups", [] { return call(SYS_setgroups, 0, nullptr); }},
      {"unshare", [] { return call(SYS_unshare, CLONE_NEWUSER); }},
      {"setns", [] { return call(SYS_setns, 0, 0); }},
      {"mount", [] { return call(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr); }},
      {"chroot", [] { return call(SYS_chroot, "/tmp"); }},
      {"unlink", [] { return call(SYS_unlink, path); }},
      {"perf_event_open", [] { return call(SYS_perf_event_open, &perf, 0, -1, -1, 0); }},
      {"io_uring_setup", [] { return call(SYS_io_uring_setup, 1, page); }},
      {"ioctl", [] { return call(SYS_ioctl, 0, 0x5413 /* TIOCGWINSZ */, page); }},
      {"prctl", [] { return call(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0); }},
  };
  for (const auto& [name, act] : acts) EXPECT_EQ(inside(act), EPERM) << name;
}

TEST(Sandbox, A32BitCallEndsTheProcess) {
  const auto act = [] {
    long result = 20;  // getpid(2), as harmless as it gets
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result >= 0;
  };
  EXPECT_EQ(inside(act), 1000 + SIGSYS);
}

TEST(Sandbox, LetsItsOwnWorkThrough) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const int result = inside([&] {
    std::string big(8 << 20, 'x');                                 // by mmap
    std::vector<std::string> small(10000, std::string(100, 'y'));  // by brk
    epoll_event event{};
    char byte = 0;
    timespec now{};
    return ::write(pipe[1], big.data(), 1) == 1 && ::read(pipe[0], &byte, 1) == 1 && byte == 'x' &&
           ::epoll_wait(epoll, &event, 1, 1) == 0 && ::clock_gettime(CLOCK_BOOTTIME, &now) == 0 &&
           ::close(pipe[1]) == 0 && small.back().back() == 'y';
  });
  EXPECT_EQ(result, 0);
  for (const int fd : {epoll, pipe[0], pipe[1]}) ::close(fd);
}

}  // namespace
}  // namespace gancho::test
