// SPDX-License-Identifier: Apache-2.0
//
// gancho completion: which shell, and which script.
#include "cli/completion.h"

#include <array>

#include "base/nearest.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace gancho {
namespace {

struct Shell {
  std::string_view name;
  std::string (*script)(std::span<const CommandDesc* const>);
};

constexpr auto k_shells = std::to_array<Shell>(
    {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}});

std::vector<std::string_view> shell_names() {
  std::vector<std::string_view> names;
  for (const Shell& shell : k_shells) names.push_back(shell.name);
  return names;
}

constexpr auto k_operands =
    std::to_array<Parameter>({{.names = "SHELL", .meaning = "Which shell", .words = shell_names}});

constexpr auto k_examples = std::to_array<std::string_view>({
    "source <(gancho completion bash)",
    "gancho completion bash > /etc/bash_completion.d/gancho",
    "gancho completion zsh > /usr/local/share/zsh/site-functions/_gancho",
    "gancho completion fish > ~/.config/fish/completions/gancho.fish",
});

Result<int> run(const Arguments& arguments) {
  const std::string& name = arguments.operands.front();
  for (const Shell& shell : k_shells) {
    if (shell.name != name) continue;
    TRY(print(shell.script(commands())));
    return 0;
  }
  return fail(Errc::usage, "unknown shell " + in_quotes(name) + did_you_mean(name, shell_names()));
}

}  // namespace

constinit const CommandDesc k_completion_command{
    .name = "completion",
    .meaning = "Print a completion script for a shell",
    .operands = k_operands,
    .required = true,
    .examples = k_examples,
    .run = run,
};

}  // namespace gancho
