// SPDX-License-Identifier: Apache-2.0
//
// The list of commands, and those that are too small for a file of their own.
#include "cli/commands.h"

#include <array>
#include <limits>

#include "agent/courier.h"
#include "agent/keeper.h"
#include "agent/version.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "cli/check.h"
#include "cli/help.h"
#include "cli/print.h"

namespace gancho {
namespace {

constexpr auto k_check_options = std::to_array<Parameter>({
    {.names = "--json", .meaning = "As JSON", .flag = true},
    k_color_option,
});
constexpr auto k_check_examples =
    std::to_array<std::string_view>({"gancho check", "gancho check --json | jq ."});

Result<int> check(const Arguments& arguments) {
  return run_check(arguments.has("--json"), TRY(wants_color(arguments, Terminal::current())));
}

constexpr CommandDesc k_check_command{
    .name = "check",
    .meaning = "Try what this kernel offers, and say what is lost",
    .options = k_check_options,
    .examples = k_check_examples,
    .note =
        "Exit status: 0 everything can be had, 1 something optional is lost, 2 the agent "
        "cannot run here.",
    .run = check,
};

constexpr auto k_version_examples = std::to_array<std::string_view>({"gancho version"});

Result<int> print_version(const Arguments&) {
  TRY(print("gancho " + std::string(k_version) + "\n"));
  return 0;
}

}  // namespace

constinit const CommandDesc k_version_command{
    .name = "version",
    .meaning = "Print the version",
    .examples = k_version_examples,
    .run = print_version,
};

namespace {

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const CommandDesc* command : commands()) {
    if (!command->hidden) names.push_back(command->name);
  }
  return names;
}

constexpr auto k_help_operands = std::to_array<Parameter>(
    {{.names = "COMMAND", .meaning = "Which command", .words = command_names}});
constexpr auto k_help_examples =
    std::to_array<std::string_view>({"gancho help", "gancho help watch"});

Result<int> help(const Arguments& arguments) {
  if (arguments.operands.empty()) {
    TRY(print(program_help(commands())));
    return 0;
  }
  const std::string& name = arguments.operands.front();
  for (const CommandDesc* command : commands()) {
    if (command->name != name || command->hidden) continue;
    TRY(print(command_help(*command)));
    return 0;
  }
  return fail(Errc::usage,
              "unknown command " + in_quotes(name) + did_you_mean(name, command_names()));
}

constexpr CommandDesc k_help_command{
    .name = "help",
    .meaning = "Explain a command",
    .operands = k_help_operands,
    .examples = k_help_examples,
    .run = help,
};

// What the keeper executes as its worker; of no use to anybody else.
constexpr auto k_worker_options = std::to_array<Parameter>({
    {.names = "--control-fd", .value = "N", .meaning = "The socket to the keeper"},
});

Result<int> worker(const Arguments& arguments) {
  const std::string* text = arguments.find("--control-fd");
  if (text == nullptr)
    return fail(Errc::usage, "worker is for the agent itself; use gancho watch or gancho run");
  const auto fd = parse_count(*text);
  if (!fd || *fd > std::numeric_limits<int>::max())
    return fail(Errc::usage, "--control-fd: " + in_quotes(*text) + " is no descriptor");
  return run_worker(static_cast<int>(*fd));
}

constexpr CommandDesc k_worker_command{
    .name = "worker",
    .meaning = "Be the worker of a keeper",
    .options = k_worker_options,
    .hidden = true,
    .run = worker,
};

// And as the courier of its alerts.
Result<int> courier(const Arguments& arguments) {
  const std::string* text = arguments.find("--control-fd");
  if (text == nullptr) return fail(Errc::usage, "courier is for the agent itself; use gancho run");
  const auto fd = parse_count(*text);
  if (!fd || *fd > std::numeric_limits<int>::max())
    return fail(Errc::usage, "--control-fd: " + in_quotes(*text) + " is no descriptor");
  return run_courier(static_cast<int>(*fd));
}

constexpr CommandDesc k_courier_command{
    .name = "courier",
    .meaning = "Be the courier of a keeper's alerts",
    .options = k_worker_options,
    .hidden = true,
    .run = courier,
};

constexpr auto k_commands = std::to_array<const CommandDesc*>({
    &k_check_command,
    &k_map_command,
    &k_watch_command,
    &k_run_command,
    &k_ps_command,
    &k_stat_command,
    &k_replay_command,
    &k_policy_command,
    &k_docs_command,
    &k_completion_command,
    &k_version_command,
    &k_help_command,
    &k_worker_command,
    &k_courier_command,
});

}  // namespace

std::span<const CommandDesc* const> commands() {
  return k_commands;
}

}  // namespace gancho
