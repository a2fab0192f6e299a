// SPDX-License-Identifier: Apache-2.0
//
// gancho watch: events as they happen, until somebody has seen enough.
#include <array>
#include <csignal>

#include "agent/keeper.h"
#include "agent/settings.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/values.h"
#include "cli/where.h"
#include "rules/wanted_events.h"

namespace gancho {
namespace {

constexpr auto k_operands = std::to_array<Parameter>({{.names = "EVENT", .setting = "events"}});

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "--pid", .setting = "filter.pid", .fill = Fill::process},
    {.names = "--children",
     .setting = "filter.children",
     .meaning = "With --pid: its descendants too, also those whose parents have died",
     .flag = true},
    {.names = "--cgroup", .setting = "filter.cgroup", .fill = Fill::cgroup},
    {.names = "--file",
     .setting = "io.files",
     .meaning = "With read, write: of this file, there already or not, or of all beneath this "
                "directory; may be given again",
     .fill = Fill::file,
     .again = true},
    {.names = "--handed-over",
     .setting = "io.handed_over",
     .meaning = "With read, write: also by descriptors that a program inherited or received; so "
                "without any --file",
     .flag = true},
    k_where_option,
    {.names = "-o,--output", .setting = "output.format"},
    {.names = "--fields", .setting = "output.fields"},
    k_color_option,
    {.names = "-n,--count", .value = "N", .meaning = "Stop after N events"},
    {.names = "--for", .value = "TIME", .meaning = "Stop after this time"},
    {.names = "--record", .setting = "record", .fill = Fill::file},
    {.names = "--failed-exec", .setting = "process.failed_exec"},
    {.names = "--syscall-hooks", .setting = "syscalls.hooks"},
    {.names = "--args-max", .setting = "process.args_max"},
    {.names = "--environment",
     .setting = "process.environment",
     .meaning =
         "Read the environment of every program, which may hold secrets: for JSON, and for a "
         "recording that rules are to be tried on",
     .flag = true},
    {.names = "--socket",
     .setting = "socket",
     .meaning = "Answer `gancho ps --socket FILE` there",
     .fill = Fill::file},
    {.names = "--vital-ring", .setting = "rings.vital"},
    {.names = "--bulk-ring", .setting = "rings.bulk"},
    {.names = "--stats",
     .meaning = "At the end, one line of JSON on standard error: offered, delivered, lost",
     .flag = true},
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho watch exec",
    "gancho watch exec exit --cgroup /system.slice/ssh.service",
    "gancho watch exec --pid $$ --children",
    "gancho watch exec -o json --for 10s | jq .",
    "gancho watch open -o json --fields evt.time,proc.name,proc.pid,fd.name,evt.res",
    "gancho watch open --where 'evt.failed = true and fd.nameraw startswith /etc'",
    "gancho watch open read write --file /etc/shadow --file /root/.ssh",
    "gancho watch exec syscall:mount syscall:sethostname",
    "gancho watch exec fork exit --record today.rec --count 1000",
});

Result<int> run(const Arguments& arguments) {
  AgentOptions options = TRY(watch_options(arguments, Terminal::current()));
  const auto where = where_value(arguments, events_of(options));
  if (!where) return k_wrong_condition;
  if (const std::string* text = arguments.find("--where")) options.where = *text;
  options.needs_processes = where->terms.needs_processes;
  options.asks_for = rules::on_demand(where->terms);
  // A reader that leaves must not kill the keeper before it has undone what it did.
  std::signal(SIGPIPE, SIG_IGN);
  return run_keeper(std::move(options));
}

}  // namespace

Result<AgentOptions> watch_options(const Arguments& arguments, const Terminal& terminal) {
  AgentOptions options;
  TRY(apply_settings(arguments, options));
  if (arguments.has("--pid") && options.filter.pid == 0) {
    return fail(Errc::usage, "--pid: 0 is no process; leave it out for all of them");
  }
  options.color = TRY(wants_color(arguments, terminal));
  options.count = TRY(count_value(arguments, "--count"));
  options.duration = TRY(duration_value(arguments, "--for"));
  options.stats = arguments.has("--stats");
  // Whoever looks at a terminal should know what is not shown there.
  options.banner = terminal.error;
  return options;
}

constinit const CommandDesc k_watch_command{
    .name = "watch",
    .meaning = "Show events as they happen",
    .operands = k_operands,
    .required = true,
    .repeated = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Sizes: 4096, 512KiB, 2MiB. Times: 20ms, 10s, 5m, 2h. All filters that are given must "
        "hold; all but --where are decided in the kernel. Exit status 2 when --where is wrong. "
        "Needs root; `gancho check` tells what else.",
    .run = run,
};

}  // namespace gancho
