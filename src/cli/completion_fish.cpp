// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "cli/completion.h"

namespace gancho {
namespace {

// Inside of single quotes.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// The arguments of `complete` that say what a value is.
std::string fill(const Parameter& parameter, bool list = false) {
  const auto words = words_of(parameter);
  if (list) return fmt::format(" -x -a '(__fish_append , {})'", fmt::join(words, " "));
  if (!words.empty()) return fmt::format(" -x -a '{}'", fmt::join(words, " "));
  switch (parameter.fill) {
    case Fill::file:
      return " -r -F";
    case Fill::process:
      return " -x -a '(__fish_complete_pids)'";
    case Fill::cgroup:
      return " -x -a '(__fish_complete_directories)'";
    case Fill::nothing:
      break;
  }
  return " -x";
}

void put_command(std::string& out, const CommandDesc& command) {
  auto sink = std::back_inserter(out);
  const std::string condition =
      fmt::format("complete -c gancho -n '__fish_seen_subcommand_from {}'", command.name);
  for (const Parameter& option : command.options) {
    fmt::format_to(sink, "{} -l {}", condition, long_name(option).substr(2));
    if (!short_name(option).empty()) fmt::format_to(sink, " -s {}", short_name(option).substr(1));
    fmt::format_to(sink, "{} -d '{}'\n", option.flag ? "" : fill(option, is_list(option)),
                   escape(meaning_of(option)));
  }
  for (const Parameter& operand : command.operands) {
    const auto words = words_of(operand);
    if (!words.empty()) fmt::format_to(sink, "{} -a '{}'\n", condition, fmt::join(words, " "));
    if (operand.fill == Fill::file) fmt::format_to(sink, "{} -F\n", condition);
    if (operand.behind != nullptr)
      fmt::format_to(sink,
                     "complete -c gancho -n '__fish_seen_subcommand_from {}; and "
                     "__fish_seen_subcommand_from {}' -f -a '{}'\n",
                     command.name, operand.before, fmt::join(operand.behind(), " "));
  }
}

}  // namespace

std::string fish_completion(std::span<const CommandDesc* const> commands) {
  std::string out =
      "# fish completion for gancho, made by: gancho completion fish\n"
      "complete -c gancho -f\n"
      "complete -c gancho -s h -l help -d 'Help'\n"
      "complete -c gancho -n __fish_use_subcommand -s V -l version -d 'The version'\n";
  for (const CommandDesc* command : commands) {
    if (command->hidden) continue;
    out += fmt::format("complete -c gancho -n __fish_use_subcommand -a {} -d '{}'\n", command->name,
                       escape(command->meaning));
  }
  for (const CommandDesc* command : commands) {
    if (!command->hidden) put_command(out, *command);
  }
  return out;
}

}  // namespace gancho
