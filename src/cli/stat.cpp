// SPDX-License-Identifier: Apache-2.0
//
// gancho stat: what the machine does, in numbers, while somebody looks.
#include <systemd/sd-daemon.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/quote.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/stat_syscalls.h"
#include "cli/values.h"
#include "load/kernel_facts.h"
#include "load/syscall_stat.h"

namespace gancho {
namespace {

using std::chrono::nanoseconds;

std::vector<std::string_view> view_words() {
  return {"syscalls"};
}

struct OrderWord {
  std::string_view name;
  StatOrder order;
};
constexpr auto k_orders = std::to_array<OrderWord>({
    {"calls", StatOrder::calls},
    {"errors", StatOrder::errors},
    {"total", StatOrder::total},
    {"mean", StatOrder::mean},
    {"p99", StatOrder::p99},
    {"max", StatOrder::max},
    {"under-way", StatOrder::under_way},
    {"name", StatOrder::name},
});
std::vector<std::string_view> order_words() {
  std::vector<std::string_view> words;
  for (const OrderWord& word : k_orders) words.push_back(word.name);
  return words;
}

constexpr auto k_operands =
    std::to_array<Parameter>({{.names = "VIEW", .meaning = "What to count", .words = view_words}});

constexpr Parameter k_output_option{.names = "-o,--output", .setting = "output.format"};
constexpr Parameter k_sort_option{.names = "--sort",
                                  .value = "COLUMN",
                                  .meaning = "The largest first of (default calls)",
                                  .words = order_words};

constexpr std::uint64_t k_rows = 4096;
constexpr std::uint64_t k_rows_max = 1'000'000;
constexpr std::uint64_t k_top = 20;

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "--by",
     .value = "call|process|errno",
     .meaning = "A row for each of these, or for each combination of several with commas between "
                "them (default call)"},
    {.names = "--for", .value = "TIME", .meaning = "Stop after this time"},
    {.names = "--interval",
     .value = "TIME",
     .meaning = "A table each time this has passed, of what was counted since the one before; "
                "else one at the end"},
    {.names = "--pid", .setting = "filter.pid", .fill = Fill::process},
    {.names = "--children",
     .setting = "filter.children",
     .meaning = "With --pid: its descendants too, also those whose parents die meanwhile",
     .flag = true},
    {.names = "--cgroup", .setting = "filter.cgroup", .fill = Fill::cgroup},
    {.names = "--top", .value = "N", .meaning = "So many rows (default 20; with -o json, all)"},
    k_sort_option,
    {.names = "--rows",
     .value = "N",
     .meaning = "Room in the kernel for so many rows, 600 bytes each on each processor (default "
                "4096)"},
    k_output_option,
    k_color_option,
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho stat syscalls --for 10s",
    "gancho stat syscalls --by process --interval 2s --sort total",
    "gancho stat syscalls --by call,errno --pid $$ --children",
    "gancho stat syscalls --for 1s -o json | jq -c .",
});

struct Wishes {
  SyscallStatOptions counting;
  StatView view;
  bool json = false;
  std::optional<nanoseconds> duration;
  std::optional<nanoseconds> interval;
};

Result<Wishes> read_wishes(const Arguments& arguments, const Terminal& terminal) {
  const std::string& what = arguments.operands.front();
  if (what != view_words().front())
    return fail(Errc::usage, "unknown view " + in_quotes(what) + "; write syscalls");
  AgentOptions shared;
  TRY(apply_settings(arguments, shared));
  if (arguments.has("--pid") && shared.filter.pid == 0)
    return fail(Errc::usage, "--pid: 0 is no process; leave it out for all of them");

  Wishes wishes;
  wishes.json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  if (const std::string* by = arguments.find("--by"))
    wishes.counting.by = wishes.view.by = TRY(parse_stat_by(*by));
  const std::string_view order = TRY(word_value(arguments, k_sort_option, "calls"));
  for (const OrderWord& word : k_orders)
    if (word.name == order) wishes.view.order = word.order;
  wishes.view.top = TRY(count_value(arguments, "--top"));
  if (wishes.view.top == 0 && !wishes.json) wishes.view.top = k_top;
  wishes.view.colour = TRY(wants_color(arguments, terminal));
  std::uint64_t rows = TRY(count_value(arguments, "--rows"));
  if (rows > k_rows_max) return fail(Errc::usage, "--rows: at most " + std::to_string(k_rows_max));
  if (rows == 0) rows = k_rows;
  wishes.counting.rows = static_cast<std::uint32_t>(rows);
  wishes.duration = TRY(duration_value(arguments, "--for"));
  wishes.interval = TRY(duration_value(arguments, "--interval"));

  wishes.counting.pid = shared.filter.pid;
  wishes.counting.children = shared.filter.children;
  if (shared.filter.pid != 0 && ::kill(static_cast<pid_t>(shared.filter.pid), 0) != 0 &&
      errno == ESRCH)
    return fail(Errc::usage, "no process " + std::to_string(shared.filter.pid));
  if (!shared.filter.cgroup.empty())
    wishes.counting.cgroup = TRY(find_cgroup(shared.filter.cgroup, read_kernel_facts().cgroup2_at));
  return wishes;
}

// SIGINT and SIGTERM end the view with its last table.
sigset_t take_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

// True when a signal came before `end`.
bool wait_until(nanoseconds end, const sigset_t& signals) {
  for (;;) {
    const nanoseconds left = std::max(end - now(), nanoseconds(0));
    const timespec time{.tv_sec = left.count() / k_ns_per_second,
                        .tv_nsec = left.count() % k_ns_per_second};
    if (::sigtimedwait(&signals, nullptr, &time) > 0) return true;
    if (errno == EAGAIN) return false;
  }
}

Status show(SyscallStat& stat, Wishes& wishes) {
  const SyscallTable table = TRY(stat.take());
  wishes.view.clock = WallClock::now();
  std::fputs(stat_warnings(table).c_str(), stderr);
  return print(wishes.json ? stat_json(table, wishes.view) : stat_text(table, wishes.view));
}

Result<int> run(const Arguments& arguments) {
  const Terminal terminal = Terminal::current();
  Wishes wishes = TRY(read_wishes(arguments, terminal));
  const sigset_t signals = take_signals();
  SyscallStat stat = TRY(SyscallStat::start(wishes.counting));
  ::sd_notify(0, "READY=1");
  if (terminal.error && !wishes.duration) std::fputs("gancho: counting; Ctrl-C ends it\n", stderr);

  const nanoseconds begin = now();
  static constexpr nanoseconds k_never = nanoseconds::max();
  const auto after = [](nanoseconds at, const std::optional<nanoseconds>& time) {
    return time && *time < k_never - at ? at + *time : k_never;
  };
  const nanoseconds end = after(begin, wishes.duration);
  for (nanoseconds next = after(begin, wishes.interval);; next = after(next, wishes.interval)) {
    const bool asked = wait_until(std::min(next, end), signals);
    const bool last = asked || next >= end;
    TRY(show(stat, wishes));
    if (last) return 0;
    if (!wishes.json) TRY(print("\n"));
  }
}

}  // namespace

constinit const CommandDesc k_stat_command{
    .name = "stat",
    .meaning = "Count system calls, their durations and errors",
    .operands = k_operands,
    .required = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "While it runs, every system call of the whole machine takes the kernel's slow path: about "
        "1000 instructions more for each that is counted, 310 for each that --pid leaves out (a "
        "getppid takes 340). Nothing remains afterwards. Without --for, Ctrl-C ends it. Times: "
        "20ms, 10s, 5m, 2h. Needs root.",
    .run = run,
};

}  // namespace gancho
