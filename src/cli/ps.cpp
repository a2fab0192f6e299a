// SPDX-License-Identifier: Apache-2.0
//
// gancho ps: the process table as the agent knows it; without an agent, what is there now.
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "agent/client.h"
#include "agent/snapshot.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/privilege.h"
#include "cli/ps_answer.h"
#include "cli/ps_text.h"
#include "cli/values.h"

namespace gancho {
namespace {

// The setting's format, whose default is `gancho watch`'s.
constexpr Parameter k_output_option{.names = "-o,--output", .setting = "output.format"};

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "--tree",
     .meaning = "As a tree of who started whom; those that have ended stand in brackets",
     .flag = true},
    {.names = "--pid",
     .value = "PID",
     .meaning = "Only this process; with --tree, also those above and below it",
     .fill = Fill::process},
    {.names = "--ended",
     .meaning = "Also those that have ended and are still remembered",
     .flag = true},
    k_output_option,
    k_color_option,
    {.names = "--socket",
     .value = "FILE",
     .meaning = "Ask the agent that listens there (default /run/gancho/agent.sock, if one does)",
     .fill = Fill::file},
    {.names = "--stats",
     .meaning =
         "At the end, one line of JSON on standard error: how full the agent's tables are, and "
         "what had to go for want of room",
     .flag = true},
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho ps --tree",
    "gancho ps --tree --pid $$",
    "gancho ps -o json | jq -r '[.\"proc.pid\", .\"proc.exepath\"] | @tsv'",
});

struct Wishes {
  bool json = false;
  PsTextOptions text;
};

Result<Wishes> read_wishes(const Arguments& arguments, const Terminal& terminal) {
  Wishes wishes;
  wishes.json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  wishes.text.tree = arguments.has("--tree");
  wishes.text.ended = arguments.has("--ended");
  wishes.text.pid = static_cast<std::uint32_t>(TRY(count_value(arguments, "--pid")));
  wishes.text.colour = TRY(wants_color(arguments, terminal));
  if (wishes.json && wishes.text.tree)
    return fail(Errc::usage, "--tree is for people; -o json has proc.ancestors instead");
  winsize size{};
  if (terminal.out && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    wishes.text.width = size.ws_col;
  return wishes;
}

// The bytes of an answer, not looked at.
Result<std::string> get_answer(const Arguments& arguments) {
  const std::string* given = arguments.find("--socket");
  const std::string path = given != nullptr ? *given : k_default_socket;
  const Fd agent = TRY(connect_to_agent(path));
  if (agent.valid()) return ask(agent.get(), Request::processes);
  if (given != nullptr) return fail(Errc::system, "no agent listens at " + path);
  Snapshot snapshot = TRY(ask_a_snapshot());
  std::fputs(
      "gancho: no agent is running: this is what is there now; parents that have ended are known "
      "to a running agent only\n",
      stderr);
  if (snapshot.held_up)
    std::fputs(
        "gancho: a process kept us waiting for its arguments; those of some others are missing "
        "too\n",
        stderr);
  return std::move(snapshot.answer);
}

std::string json_lines(const PsAnswer& answer, const PsTextOptions& options) {
  std::string out;
  for (const PsProcess& process : answer.processes) {
    if (options.pid != 0 ? process.process.pid != options.pid : !process.alive && !options.ended)
      continue;
    out += process.line;
    out += '\n';
  }
  return out;
}

Result<int> run(const Arguments& arguments) {
  Wishes wishes = TRY(read_wishes(arguments, Terminal::current()));
  const std::string bytes = TRY(get_answer(arguments));
  ::tzset();  // reads the time zone's file
  wishes.text.clock = WallClock::now();
  wishes.text.now = boot_now_ns();
  TRY(give_up_privilege());

  const PsAnswer answer = TRY(read_ps_answer(bytes));
  const auto is_it = [&](const PsProcess& process) {
    return process.process.pid == wishes.text.pid;
  };
  if (wishes.text.pid != 0 && std::ranges::none_of(answer.processes, is_it))
    return fail(Errc::system, "no process " + std::to_string(wishes.text.pid));
  TRY(print(wishes.json ? json_lines(answer, wishes.text) : ps_text(answer, wishes.text)));
  if (answer.refused != 0)
    std::fprintf(stderr,
                 "gancho: the agent's table was full %llu times and lacks processes; raise "
                 "process.table\n",
                 static_cast<unsigned long long>(answer.refused));
  if (arguments.has("--stats")) std::fprintf(stderr, "%s\n", answer.holdings.c_str());
  return 0;
}

}  // namespace

constinit const CommandDesc k_ps_command{
    .name = "ps",
    .meaning = "Show the processes as the agent knows them",
    .options = k_options,
    .examples = k_examples,
    .note =
        "A running `gancho run` is asked, which remembers parents that have ended. Without one, "
        "the "
        "processes that are there are looked at once. Needs root.",
    .run = run,
};

}  // namespace gancho
