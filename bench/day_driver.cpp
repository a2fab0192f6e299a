// SPDX-License-Identifier: Apache-2.0
//
// A long day, in an hour: what a machine does again and again, each time with something else. One
// step of it is
//   - a process of its own number and user, which ends; in every eighth step it executes a program
//     first, with arguments of its own (an emulated machine takes longer for that than for all
//     else),
//   - a file of its own name that is created, written and removed,
//   - a connection of TCP, accepted and closed at both ends,
// and in every 256th the process is in a container of its own.
//
// Steps are spread over the time; a machine that is too slow for that takes longer.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

#include "spawn.h"

namespace gancho::bench {
namespace {

constexpr const char* k_usage =
    "usage: day_driver STEPS SECONDS PROGRAM [CGROUPS]\n"
    "         PROGRAM: what is executed; files are made in the current "
    "directory\n"
    "         CGROUPS: a directory of cgroups, for a container in every 256th step\n"
    "         prints every ten seconds, and at the end: seconds and steps so far\n";

constexpr long k_report_s = 10;
constexpr long k_program_every = 8;
constexpr long k_container_every = 256;
constexpr long k_first_user = 100'000;

double now() {
  timespec at{};
  if (::clock_gettime(CLOCK_MONOTONIC, &at) != 0) die("clock_gettime");
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

void sleep_until(double time) {
  const double left = time - now();
  if (left <= 0) return;
  const auto whole = static_cast<long>(left);
  const timespec rest{.tv_sec = whole,
                      .tv_nsec = static_cast<long>((left - static_cast<double>(whole)) * 1e9)};
  ::nanosleep(&rest, nullptr);
}

void write_text(int fd, const std::string& text) {
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) die("write");
}

// A container as LXC names its cgroups: nothing on disk has to be there for it to be known.
class Container {
 public:
  Container(const char* cgroups, long step)
      : path_(std::string(cgroups) + "/lxc.payload.day-" + std::to_string(step)) {
    if (::mkdir(path_.c_str(), 0755) != 0) die(path_.c_str());
    procs_ = ::open((path_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    if (procs_ < 0) die(path_.c_str());
  }
  ~Container() {
    ::close(procs_);
    // The kernel takes a moment to see that its last process has gone.
    for (int i = 0; ::rmdir(path_.c_str()) != 0 && i < 1000; ++i) ::usleep(1000);
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  // The process that calls it, from then on.
  void enter() const {
    if (::write(procs_, "0", 1) != 1) ::_exit(126);
  }

 private:
  std::string path_;
  int procs_;
};

void run_process(const char* program, long step, const char* cgroups) {
  std::string name = "step-" + std::to_string(step);
  std::string argument = "--of-the-day=" + std::to_string(step * 7919 % 1'000'003);
  char* const arguments[]{name.data(), argument.data(), nullptr};
  const auto become = [step] {
    const auto user = static_cast<uid_t>(k_first_user + step);
    // The call itself: the C library's would change the other threads of the process, ours too.
    if (::syscall(SYS_setresuid, user, user, user) != 0) ::_exit(126);
    if (step % k_program_every != 0) ::_exit(0);
  };
  if (cgroups == nullptr || step % k_container_every != 0) return spawn(program, arguments, become);
  const Container container(cgroups, step);
  spawn(program, arguments, [&] {
    container.enter();
    become();
  });
}

void use_file(long step) {
  const std::string name = "file-" + std::to_string(step) + ".txt";
  const int made = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) die(name.c_str());
  write_text(made, name);
  ::close(made);
  if (::unlink(name.c_str()) != 0) die(name.c_str());
}

class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address_);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address_), length) != 0 || ::listen(fd_, 8) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &length) != 0)
      die("listen");
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void connect() const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(client, reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)) != 0)
      die("connect");
    const int server = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (server < 0) die("accept");
    // With a reset, so that none of them stays in TIME_WAIT.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    ::close(client);
    ::close(server);
  }

 private:
  int fd_;
  sockaddr_in address_{};
};

void run(long steps, double seconds, const char* program, const char* cgroups) {
  const Listener listener;
  const double begin = now();
  double reported = begin;
  const auto report = [&](long done) {
    reported = now();
    std::printf("%.1f %ld\n", reported - begin, done);
    std::fflush(stdout);
  };
  for (long step = 0; step < steps; ++step) {
    sleep_until(begin + static_cast<double>(step) * seconds / static_cast<double>(steps));
    run_process(program, step, cgroups);
    use_file(step);
    listener.connect();
    if (now() - reported >= k_report_s) report(step + 1);
  }
  report(steps);
}

}  // namespace
}  // namespace gancho::bench

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fputs(gancho::bench::k_usage, stderr);
    return 2;
  }
  gancho::bench::run(std::atol(argv[1]), std::atof(argv[2]), argv[3],
                     argc == 5 ? argv[4] : nullptr);
}
