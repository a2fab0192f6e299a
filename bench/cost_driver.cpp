// SPDX-License-Identifier: Apache-2.0
//
// One operation, many times, and what it cost: the load that the benchmarks put on an agent.
// Static, so that the program that it executes (itself) is one file on a tmpfs and no loader.
//
// How it is measured. In a machine with one processor that counts instructions (`./dev vm
// --icount`) a nanosecond is an instruction, and nothing else runs:
//   - A system call is charged to the thread that makes it: CLOCK_THREAD_CPUTIME_ID.
//   - fork + exec + exit is spread over two processes, the kernel's threads and interrupts, and
//   parts
//     of it (the last switch away, memory freed later) are charged to nobody in particular. So it
//     is the time that passed (CLOCK_MONOTONIC; the processor is never idle in the loop) less what
//     the agent's processes ran in it (/proc/PID/schedstat, exact for a process that does not run
//     just now).
//   - What the agent spends for it is what its processes ran from before the loop until they have
//   been
//     quiet for a while after it: user and kernel time.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr const char* k_usage =
    "usage: cost_driver OPERATION COUNT [--rate PER_SECOND] [PID...]\n"
    "         OPERATION: getppid write open connect exec failedexec\n"
    "         prints: ns per operation in its path, ns per operation in the processes PID, ns in "
    "all\n"
    "       cost_driver ready OUTPUT COMMAND...\n"
    "         starts COMMAND (output and errors into OUTPUT and OUTPUT.err), prints its PID and "
    "the ns\n"
    "         until it told systemd that it is ready\n"
    "       cost_driver stop PID\n"
    "         ends it; prints the ns until it was gone\n";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::int64_t now(clockid_t clock) {
  timespec at{};
  if (::clock_gettime(clock, &at) != 0) die("clock_gettime");
  return at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec;
}

void sleep_ms(long ms) {
  const timespec time{.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

// ns that a process has run since it began.
std::int64_t cpu_of(const char* pid) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
  char text[128]{};
  const int fd = ::open(path, O_RDONLY);
  if (fd < 0 || ::read(fd, text, sizeof(text) - 1) <= 0) die(path);
  ::close(fd);
  return std::strtoll(text, nullptr, 10);
}

// In 50 ms: one that polls ten times a second is never altogether still.
constexpr std::int64_t k_quiet_ns = 100'000;

struct Agent {
  char** pids;  // ends with nullptr

  [[nodiscard]] std::int64_t cpu() const {
    std::int64_t sum = 0;
    for (char** pid = pids; *pid != nullptr; ++pid) sum += cpu_of(*pid);
    return sum;
  }

  // Waits until it has nothing left to do, but to look whether there is more.
  void settle() const {
    if (*pids == nullptr) return;
    for (int quiet = 0; quiet < 4;) {
      const std::int64_t before = cpu();
      sleep_ms(50);
      quiet = cpu() - before < k_quiet_ns ? quiet + 1 : 0;
    }
  }
};

char self[4096];

void do_getppid() {
  ::syscall(SYS_getppid);
}

void do_write() {
  static const int null = ::open("/dev/null", O_WRONLY);
  if (::write(null, "x", 1) != 1) die("write");
}

// In the current directory, which should be a tmpfs.
void do_open() {
  const int fd = ::open("opened", O_RDWR | O_CREAT, 0600);
  if (fd < 0) die("open");
  ::close(fd);
}

int listen_on_loopback(sockaddr_in& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener, 8) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    die("listen");
  return listener;
}

// A connection of TCP on loopback: both of its ends, and their end. The one that connects ends it
// with a reset, so that none of the thousands stays in TIME_WAIT.
void do_connect() {
  static sockaddr_in address{};
  static const int listener = listen_on_loopback(address);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    die("connect");
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (server < 0) die("accept");
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  ::close(client);
  ::close(server);
}

void run_child(const char* program) {
  const pid_t pid = ::fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    char* const arguments[]{self, const_cast<char*>("nothing"), nullptr};
    ::execv(program, arguments);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0) die("child");
}

void do_exec() {
  run_child(self);
}

// As most programs are: with a loader and a C library that are opened first.
void do_exec_true() {
  run_child("/bin/true");
}

void do_failed_exec() {
  char* const arguments[]{self, nullptr};
  ::execv("no-such-program", arguments);
}

struct Operation {
  const char* name;
  void (*run)();
  bool spread;  // over several processes
};

constexpr Operation k_operations[]{
    {"getppid", do_getppid, false}, {"write", do_write, false},
    {"open", do_open, false},       {"connect", do_connect, false},
    {"exec", do_exec, true},        {"failedexec", do_failed_exec, false},
    {"true", do_exec_true, true},
};

int measure(const Operation& operation, long count, long rate, const Agent& agent) {
  for (long i = 0; i < 10; ++i) operation.run();  // what is only done the first time
  agent.settle();

  const std::int64_t agent_before = agent.cpu();
  const clockid_t clock = operation.spread ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  const std::int64_t wall_before = now(CLOCK_MONOTONIC);
  const std::int64_t before = now(clock);
  for (long i = 0; i < count; ++i) {
    if (rate != 0) {
      const std::int64_t at = wall_before + i * 1'000'000'000 / rate;
      const timespec when{.tv_sec = at / 1'000'000'000, .tv_nsec = at % 1'000'000'000};
      ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
    }
    operation.run();
  }
  std::int64_t path = now(clock) - before;
  if (operation.spread) path -= agent.cpu() - agent_before;
  const std::int64_t wall = now(CLOCK_MONOTONIC) - wall_before;
  agent.settle();
  const std::int64_t inside = agent.cpu() - agent_before;

  const auto each = [&](std::int64_t ns) {
    return static_cast<double>(ns) / static_cast<double>(count);
  };
  std::printf("%.1f %.1f %lld\n", each(path), each(inside), static_cast<long long>(wall));
  return 0;
}

int open_as(const char* path, const char* suffix, int fd) {
  char name[4096];
  std::snprintf(name, sizeof(name), "%s%s", path, suffix);
  const int opened = ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
  return opened < 0 ? -1 : ::dup2(opened, fd);
}

int ready(const char* output, char** command) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "%s.notify", output);
  ::unlink(address.sun_path);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) die("bind");

  const std::int64_t begin = now(CLOCK_MONOTONIC);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("NOTIFY_SOCKET", address.sun_path, 1);
    ::setsid();
    if (open_as("/dev/null", "", 0) < 0 || open_as(output, "", 1) < 0 ||
        open_as(output, ".err", 2) < 0)
      die(output);
    ::execvp(command[0], command);
    ::_exit(127);
  }
  for (;;) {
    pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
    const int n = ::poll(&wait, 1, 10);
    char message[256]{};
    if (n > 0 && ::recv(socket, message, sizeof(message) - 1, 0) > 0 &&
        std::strstr(message, "READY=1") != nullptr)
      break;
    if (::waitpid(pid, nullptr, WNOHANG) == pid || now(CLOCK_MONOTONIC) - begin > 60'000'000'000) {
      std::fprintf(stderr, "cost_driver: %s was not ready\n", command[0]);
      return 1;
    }
  }
  std::printf("%d %lld\n", pid, static_cast<long long>(now(CLOCK_MONOTONIC) - begin));
  return 0;
}

int stop(const char* text) {
  const auto pid = static_cast<pid_t>(std::atoi(text));
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) die("pidfd_open");
  const std::int64_t begin = now(CLOCK_MONOTONIC);
  if (::kill(pid, SIGINT) != 0) die("kill");
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, 30'000) != 1) die("it does not end");
  std::printf("%lld\n", static_cast<long long>(now(CLOCK_MONOTONIC) - begin));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "nothing") == 0) return 0;
  if (argc == 3 && std::strcmp(argv[1], "stop") == 0) return stop(argv[2]);
  if (argc >= 4 && std::strcmp(argv[1], "ready") == 0) return ready(argv[2], argv + 3);
  if (::readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) die("/proc/self/exe");
  for (const Operation& operation : k_operations) {
    if (argc < 3 || std::strcmp(argv[1], operation.name) != 0) continue;
    char** rest = argv + 3;
    long rate = 0;
    if (argc >= 5 && std::strcmp(rest[0], "--rate") == 0) {
      rate = std::atol(rest[1]);
      rest += 2;
    }
    return measure(operation, std::atol(argv[2]), rate, {.pids = rest});
  }
  std::fputs(k_usage, stderr);
  return 2;
}
