// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "cli/completion.h"

namespace gancho {
namespace {

// What fills COMPREPLY for a value; "" when there is nothing to offer. bash 4 and later, without
// the bash-completion package.
std::string fill(const Parameter& parameter, bool list = false) {
  const auto words = words_of(parameter);
  if (!words.empty())
    return fmt::format("{} '{}'", list ? "_gancho_list" : "_gancho_words", fmt::join(words, " "));
  switch (parameter.fill) {
    case Fill::file:
      return "_gancho_files";
    case Fill::process:
      return "_gancho_words \"$(cd /proc && printf '%s ' [0-9]*)\"";
    case Fill::cgroup:
      return "_gancho_cgroups";
    case Fill::nothing:
      break;
  }
  return "";
}

void put_command(std::string& out, const CommandDesc& command) {
  auto put = [&out]<class... T>(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(out), format, std::forward<T>(values)...);
  };
  put("    {})\n      case $prev in\n", command.name);
  std::string names = "-h --help";
  for (const Parameter& option : command.options) {
    names += fmt::format(" {}", long_name(option));
    if (option.flag) continue;
    const bool has_short = !short_name(option).empty();
    const std::string filled = fill(option, is_list(option));
    put("        {}{}{}) {}return ;;\n", short_name(option), has_short ? "|" : "",
        long_name(option), filled.empty() ? "" : filled + "; ");
  }
  put("      esac\n      if [[ $cur == -* ]]; then\n        _gancho_words '{}'\n", names);
  for (const Parameter& operand : command.operands) {
    const std::string filled = fill(operand);
    if (operand.behind != nullptr)
      put("      elif [[ $prev == {} ]]; then\n        _gancho_words '{}'\n", operand.before,
          fmt::join(operand.behind(), " "));
    if (operand.fill == Fill::file && !words_of(operand).empty())
      put("      elif [[ $prev != {} ]]; then\n        _gancho_files\n", command.name);
    if (!filled.empty()) put("      else\n        {}\n", filled);
  }
  put("      fi ;;\n");
}

}  // namespace

std::string bash_completion(std::span<const CommandDesc* const> commands) {
  std::string names;
  for (const CommandDesc* command : commands) {
    if (!command->hidden) names += fmt::format("{} ", command->name);
  }
  std::string out =
      "# bash completion for gancho, made by: gancho completion bash\n"
      "# What has a colon is offered as far as that first.\n"
      "_gancho_words() {\n"
      "  if [[ $head$cur == *:* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$head$cur\")\n"
      "    COMPREPLY=(\"${COMPREPLY[@]#\"$head\"}\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\" | sed 's/:.*/:/' | uniq)\n"
      "    [[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace 2>/dev/null\n"
      "  fi\n"
      "}\n"
      "_gancho_list() {\n"
      "  local before=${cur%\"${cur##*,}\"}\n"
      "  mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${cur##*,}\")\n"
      "  compopt -o nospace 2>/dev/null\n"
      "}\n"
      "_gancho_files() {\n"
      "  mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
      "  compopt -o filenames 2>/dev/null\n"
      "}\n"
      "_gancho_cgroups() {\n"
      "  mapfile -t COMPREPLY < <(cd /sys/fs/cgroup 2>/dev/null && compgen -d -- \".${cur:-/}\")\n"
      "  COMPREPLY=(\"${COMPREPLY[@]#.}\")\n"
      "}\n"
      "_gancho() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' word "
      "head=''\n"
      "  COMPREPLY=()\n"
      "  # bash hands --output=json over as three words, and so syscall:mount.\n"
      "  if [[ $cur == = ]]; then\n"
      "    cur=''\n"
      "  elif [[ $prev == = && COMP_CWORD -ge 2 ]]; then\n"
      "    prev=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  elif [[ $cur == : ]]; then\n"
      "    head=$prev: cur=''\n"
      "  elif [[ $prev == : && COMP_CWORD -ge 2 ]]; then\n"
      "    head=${COMP_WORDS[COMP_CWORD-2]}:\n"
      "  fi\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    if [[ $word != -* ]]; then command=$word; break; fi\n"
      "  done\n"
      "  case $command in\n";
  out += fmt::format("    '') _gancho_words '{}-h --help -V --version' ;;\n", names);
  for (const CommandDesc* command : commands) {
    if (!command->hidden) put_command(out, *command);
  }
  out +=
      "  esac\n"
      "}\n"
      "complete -F _gancho gancho\n";
  return out;
}

}  // namespace gancho
