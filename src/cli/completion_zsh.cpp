// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "cli/completion.h"

namespace gancho {
namespace {

// Inside of a single-quoted word of _arguments, where brackets and colons mean something.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fill(const Parameter& parameter, bool list = false) {
  const auto words = words_of(parameter);
  if (list)
    return fmt::format("_sequence compadd - {}", escape(fmt::format("{}", fmt::join(words, " "))));
  if (!words.empty()) return fmt::format("({})", escape(fmt::format("{}", fmt::join(words, " "))));
  switch (parameter.fill) {
    case Fill::file:
      return "_files";
    case Fill::process:
      return "_pids";
    case Fill::cgroup:
      return "_files -/ -W /sys/fs/cgroup";
    case Fill::nothing:
      break;
  }
  return "";
}

void put_command(std::string& out, const CommandDesc& command) {
  auto sink = std::back_inserter(out);
  // Braces expand outside of quotes only.
  fmt::format_to(sink, "        {})\n          _arguments '(-h --help)'{{-h,--help}}'[help]'",
                 command.name);
  for (const Parameter& option : command.options) {
    out += " \\\n            ";
    const std::string_view brief = short_name(option);
    const std::string_view full = long_name(option);
    // "+" and "=": the value may also stand in the same word.
    const std::string_view plus = option.flag ? "" : "+";
    const std::string_view equals = option.flag ? "" : "=";
    if (brief.empty()) {
      fmt::format_to(sink, "'{}{}{}", option.again ? "*" : "", full, equals);
    } else {
      fmt::format_to(sink, "'({} {})'{{{}{},{}{}}}'", brief, full, brief, plus, full, equals);
    }
    fmt::format_to(sink, "[{}]", escape(meaning_of(option)));
    if (!option.flag)
      fmt::format_to(sink, ":{}:{}", escape(value_of(option)), fill(option, is_list(option)));
    out += '\'';
  }
  for (const Parameter& operand : command.operands) {
    const bool then_files = operand.fill == Fill::file && !words_of(operand).empty();
    fmt::format_to(sink, " \\\n            '{}:{}:{}'",
                   then_files         ? "1"
                   : command.repeated ? "*"
                                      : "",
                   operand.names, fill(operand));
    if (operand.behind != nullptr)
      fmt::format_to(sink,
                     " \\\n            '*:FILE:{{ if [[ $words[2] == {} ]]; then compadd - {}; "
                     "else _files; fi }}'",
                     operand.before, fmt::join(operand.behind(), " "));
    else if (then_files)
      out += " \\\n            '*:FILE:_files'";
  }
  out += " ;;\n";
}

}  // namespace

std::string zsh_completion(std::span<const CommandDesc* const> commands) {
  std::string out =
      "#compdef gancho\n"
      "# zsh completion for gancho, made by: gancho completion zsh\n"
      "_gancho() {\n"
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  _arguments -C '(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[version]' "
      "\\\n"
      "    '1:command:->command' '*::argument:->arguments'\n"
      "  case $state in\n"
      "    command)\n"
      "      local -a names=(\n";
  for (const CommandDesc* command : commands) {
    if (!command->hidden)
      out += fmt::format("        '{}:{}'\n", command->name, escape(command->meaning));
  }
  out +=
      "      )\n"
      "      _describe command names ;;\n"
      "    arguments)\n"
      "      case $words[1] in\n";
  for (const CommandDesc* command : commands) {
    if (!command->hidden) put_command(out, *command);
  }
  out +=
      "      esac ;;\n"
      "  esac\n"
      "}\n"
      "# Autoloaded from fpath, or sourced.\n"
      "if [ \"$funcstack[1]\" = _gancho ]; then _gancho \"$@\"; else compdef _gancho gancho; fi\n";
  return out;
}

}  // namespace gancho
