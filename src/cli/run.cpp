// SPDX-License-Identifier: Apache-2.0
//
// gancho run: the agent as a service, as its configuration file has it.
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config.h"
#include "agent/keeper.h"
#include "agent/rule_source.h"
#include "agent/settings.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/values.h"
#include "sinks/check_sinks.h"

namespace gancho {
namespace {

constexpr const char* k_default_path = "/etc/gancho/gancho.yaml";

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "FILE", .meaning = "More rule files, behind --rules FILE", .fill = Fill::file}});

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "-c,--config",
     .value = "FILE",
     .meaning = "The configuration (default /etc/gancho/gancho.yaml, if it is there)",
     .fill = Fill::file},
    {.names = "--rules", .setting = "rules.files", .fill = Fill::file, .again = true},
    {.names = "-o,--output", .setting = "output.format"},
    {.names = "--check-config",
     .meaning = "Only say what is wrong with it, its rules and where alerts go: status 0 or 1",
     .flag = true},
    {.names = "--print-config", .meaning = "Only print it with every key and value", .flag = true},
    {.names = "--stats",
     .meaning = "At the end, one line of JSON on standard error: offered, delivered, lost",
     .flag = true},
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho run",
    "gancho run --rules /etc/gancho/rules.d",
    "gancho run --config ./gancho.yaml --check-config",
    "gancho run --print-config > gancho.yaml",
});

// Reads what the agent would read, and opens what can be opened without creating anything.
Result<int> check(const AgentOptions& options) {
  std::vector<std::string> wrong;
  if (!options.rules.files.empty()) {
    const auto rules = read_rules(options);
    if (rules) std::fwrite(rules->remarks.data(), 1, rules->remarks.size(), stderr);
    if (!rules) wrong.push_back(rules.error().message);
  }
  if (const Status sinks = check_sinks(options.alerts); !sinks)
    wrong.push_back(sinks.error().message);
  if (!wrong.empty()) return fail(Errc::input, fmt::format("{}", fmt::join(wrong, "\n")));
  return 0;
}

Result<int> run(const Arguments& arguments) {
  AgentOptions options = TRY(run_options(arguments, Terminal::current()));
  if (arguments.has("--print-config")) {
    TRY(print(print_config(options)));
    return 0;
  }
  if (arguments.has("--check-config")) return check(options);
  options.stats = arguments.has("--stats");
  std::signal(SIGPIPE, SIG_IGN);
  return run_keeper(std::move(options));
}

}  // namespace

Result<AgentOptions> run_options(const Arguments& arguments, const Terminal& terminal) {
  AgentOptions options = run_defaults();
  if (const std::string* path = arguments.find("--config")) {
    options = TRY(load_config(*path));
  } else if (::access(k_default_path, F_OK) == 0) {
    options = TRY(load_config(k_default_path));
  }
  if (arguments.has("--rules")) options.rules.files.clear();
  TRY(apply_settings(arguments, options));
  if (!arguments.operands.empty() && !arguments.has("--rules"))
    return fail(Errc::usage, "run takes rule files behind --rules only, not " +
                                 in_quotes(arguments.operands.front()));
  for (const std::string& file : arguments.operands)
    TRY(find_setting("rules.files")->set(file, options));
  options.rules.given = arguments.has("--rules");
  const bool format_given = arguments.has("--output") || !options.config_file.empty();
  if (options.rules.given && !format_given && terminal.out) options.format = OutputFormat::text;
  options.color = terminal.out && !terminal.plain && options.output_file.empty();
  options.banner = true;
  return options;
}

constinit const CommandDesc k_run_command{
    .name = "run",
    .meaning = "Run as a service, as the configuration says",
    .operands = k_operands,
    .repeated = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Without a file and without rules: exec events as JSON on standard output; with rules, "
        "alerts, on a terminal as text. SIGHUP makes it read both again. `gancho docs config` "
        "describes every key, with sizes and times.",
    .run = run,
};

}  // namespace gancho
