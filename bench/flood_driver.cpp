// SPDX-License-Identifier: Apache-2.0
//
// Programs executed as fast as the machine can, by several processes at once.
#include <signal.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <new>

#include "spawn.h"

namespace gancho::bench {
namespace {

constexpr const char* k_usage =
    "usage: flood_driver PROCESSES SECONDS PROGRAM\n"
    "         prints every second, and at the end, what was executed so far\n";

// Shared by all, each on a cache line of its own.
struct alignas(64) Count {
  std::atomic<std::uint64_t> executed;
};

[[noreturn]] void flood(Count& count, const char* program) {
  char name[]{"nothing"};
  char* const arguments[]{name, nullptr};
  for (;;) {
    spawn(program, arguments, [] {});
    count.executed.fetch_add(1, std::memory_order_relaxed);
  }
}

int run(std::size_t processes, long seconds, const char* program) {
  void* const shared = ::mmap(nullptr, processes * sizeof(Count), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) die("mmap");
  auto* const counts = new (shared) Count[processes]{};
  const auto group = ::getpid();
  if (::setpgid(0, 0) != 0) die("setpgid");
  for (std::size_t i = 0; i < processes; ++i) {
    const pid_t pid = ::fork();
    if (pid < 0) die("fork");
    if (pid == 0) flood(counts[i], program);
  }
  const auto report = [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < processes; ++i) sum += counts[i].executed.load();
    std::printf("%llu\n", static_cast<unsigned long long>(sum));
    std::fflush(stdout);
  };
  for (long second = 0; second < seconds; ++second) {
    const timespec one{.tv_sec = 1, .tv_nsec = 0};
    ::nanosleep(&one, nullptr);
    report();
  }
  // What is being executed at this moment goes with them.
  ::signal(SIGTERM, SIG_IGN);
  ::kill(-group, SIGTERM);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  report();
  return 0;
}

}  // namespace
}  // namespace gancho::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs(gancho::bench::k_usage, stderr);
    return 2;
  }
  return gancho::bench::run(std::strtoul(argv[1], nullptr, 10), std::atol(argv[2]), argv[3]);
}
