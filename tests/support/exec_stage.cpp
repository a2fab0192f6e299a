// SPDX-License-Identifier: Apache-2.0
#include "support/exec_stage.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/fd.h"

namespace gancho::test {
namespace {

constexpr int k_stage_failed = 98;
constexpr int k_came_back = 99;
constexpr int k_limit_ms = 60000;

// Shared between the test and the child that performs.
struct Shared {
  std::atomic<int> error;
  std::atomic<int> ready;       // this_task_executes() was called
  std::atomic<pid_t> pid, tid;  // of the task that executes, in the initial pid namespace
  int ready_fd, go_fd;  // pipes: the child writes to one, and waits for the end of the other
};

Shared* shared() {
  static auto* const area = static_cast<Shared*>(
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return area;
}

// The initial pid namespace's /proc, also from a chroot. Opened by the test, inherited by children.
int proc() {
  static const int fd = ::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd;
}

std::uint64_t boot_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::vector<char*> pointers(const Words& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

void read_stat(const std::string& root, Facts& facts) {
  const std::string text = read_text(root + "/stat");
  const auto open = text.find('('), close = text.rfind(')');
  if (close == std::string::npos) throw std::runtime_error("no " + root + "/stat");
  facts.comm = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 1));
  std::vector<std::string> field{"pid", "comm"};
  for (std::string word; rest >> word;) field.push_back(word);
  facts.ppid = std::stoi(field[3]);
  facts.sid = std::stoi(field[5]);
  const auto tty = std::stoul(field[6]);
  if (tty != 0)
    facts.tty = std::to_string(tty >> 8 & 0xfff) + ":" +
                std::to_string((tty & 0xff) | (tty >> 12 & 0xfff00));
  facts.start_ticks = std::stoull(field[21]);
}

void read_status(const std::string& root, Facts& facts) {
  std::istringstream lines(read_text(root + "/status"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    if (key == "Uid:") words >> facts.uid[0] >> facts.uid[1] >> facts.uid[2];
    if (key == "Gid:") words >> facts.gid[0] >> facts.gid[1] >> facts.gid[2];
    if (key == "CapPrm:") words >> std::hex >> facts.cap_permitted;
    if (key == "CapEff:") words >> std::hex >> facts.cap_effective;
    if (key == "NSpid:")
      while (words >> word) facts.vpid = std::stoi(word);
  }
}

Facts observe(pid_t pid, pid_t tid) {
  Facts facts{.pid = pid, .tid = tid};
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string task = process + "/task/" + std::to_string(tid);
  read_stat(process, facts);
  read_status(process, facts);
  const pid_t vpid = facts.vpid;
  read_status(task, facts);
  facts.vpid = vpid;
  facts.comm = read_text(task + "/comm");
  if (!facts.comm.empty()) facts.comm.pop_back();
  facts.loginuid = static_cast<std::uint32_t>(std::stoul(read_text(process + "/loginuid")));
  for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
    struct stat status{};
    if (::stat((task + "/ns/" + name).c_str(), &status) == 0)
      facts.ns[name] = static_cast<std::uint32_t>(status.st_ino);
  }
  std::error_code none;
  facts.cwd = std::filesystem::read_symlink(task + "/cwd", none).string();
  std::istringstream groups(read_text(process + "/cgroup"));
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::")) facts.cgroup = line.substr(3);
  struct stat status{};
  if (::stat(("/sys/fs/cgroup" + facts.cgroup).c_str(), &status) == 0)
    facts.cgroup_id = status.st_ino;
  return facts;
}

[[noreturn]] void child(const Act& act, int ready_fd, int go_fd, int report_fd) {
  shared()->ready_fd = ready_fd;
  shared()->go_fd = go_fd;
  ::dup2(report_fd, k_report_fd);
  act.stage();
  if (act.execute) {
    if (shared()->ready == 0) this_task_executes();
    act.execute();
    came_back(errno);
  }
  ::_exit(k_came_back);
}

std::pair<Fd, Fd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

bool readable(int fd) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, k_limit_ms) > 0;
}

}  // namespace

Outcome perform(const std::string& name, const Act& act) {
  // Orphans of an act come to us, so that we can wait for them.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  proc();
  shared()->error = shared()->ready = 0;
  auto [ready_in, ready_out] = make_pipe();
  auto [go_in, go_out] = make_pipe();
  auto [report_in, report_out] = make_pipe();
  Outcome outcome{.name = name, .begin = boot_clock()};
  const pid_t pid = ::fork();
  if (pid == 0) {
    go_out = Fd();
    child(act, ready_out.get(), go_in.get(), report_out.get());
  }
  ready_out = Fd();
  report_out = Fd();

  char byte = 0;
  const bool ready = readable(ready_in.get()) && ::read(ready_in.get(), &byte, 1) == 1;
  if (ready) outcome.facts = observe(shared()->pid, shared()->tid);
  go_out = Fd();  // go
  TargetReport report{};
  if (ready && readable(report_in.get()) &&
      ::read(report_in.get(), &report, sizeof(report)) == static_cast<ssize_t>(sizeof(report)))
    outcome.report = report;
  if (!ready) ::kill(pid, SIGKILL);
  // The end of the pipe is the end of every process of the act.
  while (readable(report_in.get()) && ::read(report_in.get(), &byte, 1) > 0) {
  }
  ::waitpid(pid, nullptr, 0);
  if (outcome.facts.pid != pid) ::waitpid(outcome.facts.pid, nullptr, 0);
  outcome.end = boot_clock();
  outcome.error = shared()->error;
  if (!ready) throw std::runtime_error(name + ": the stage could not be set");
  return outcome;
}

void must(bool done, std::string_view what) {
  if (done) return;
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::strerror(errno));
  ::_exit(k_stage_failed);
}

void exec_file(const std::string& path, const Words& arguments, const Words& environment) {
  ::execve(path.c_str(), pointers(arguments).data(), pointers(environment).data());
}

void exec_at(int directory, const std::string& path, const Words& arguments, int flags,
             const Words& environment) {
  ::syscall(SYS_execveat, directory, path.c_str(), pointers(arguments).data(),
            pointers(environment).data(), flags);
}

void this_task_executes() {
  std::array<char, 64> self{};
  // "PID/task/TID", in the namespace of that /proc.
  must(::readlinkat(proc(), "thread-self", self.data(), self.size() - 1) > 0, "/proc/thread-self");
  int pid = 0, tid = 0;
  must(std::sscanf(self.data(), "%d/task/%d", &pid, &tid) == 2, "/proc/thread-self");
  shared()->pid = pid;
  shared()->tid = tid;
  shared()->ready = 1;
  must(::write(shared()->ready_fd, "", 1) == 1, "write");
  char byte = 0;
  must(::read(shared()->go_fd, &byte, 1) == 0, "read");
}

void came_back(int error) {
  shared()->error = error;
}

int came() {
  return shared()->error;
}

std::string directory(const std::string& path) {
  std::filesystem::create_directories(path);
  return path;
}

void write_file(const std::string& path, std::string_view content, mode_t mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
  if (!fd.valid() ||
      ::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::fchmod(fd.get(), mode) != 0)
    throw std::runtime_error("cannot write " + path);
}

std::string copy_target(const std::string& path, mode_t mode) {
  static const std::string content = read_text(EXEC_TARGET);
  write_file(path, content, mode);
  return path;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string target_path() {
  static const std::string path = copy_target(directory("/tmp/truth") + "/target");
  return path;
}

}  // namespace gancho::test
