// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"

namespace gancho {
namespace {

Result<int> run(std::span<const std::string> words) {
  const Arguments arguments = TRY(parse_command_line(commands(), words));
  if (arguments.help) {
    TRY(print(arguments.command == nullptr ? program_help(commands())
                                           : command_help(*arguments.command)));
    return 0;
  }
  if (arguments.version) return k_version_command.run(arguments);
  if (arguments.command == nullptr)
    return fail(Errc::usage, "no command given; gancho --help lists them");
  return arguments.command->run(arguments);
}

}  // namespace

int run_cli(std::span<const std::string> words) {
  const Result<int> status = run(words);
  if (status) return *status;
  // A configuration may have several errors, a line each.
  std::string_view rest = status.error().message;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    std::fprintf(stderr, "gancho: %.*s\n", static_cast<int>(line.size()), line.data());
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return exit_status(status.error());
}

}  // namespace gancho
