// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/settings.h"
#include "cli/columns.h"

namespace gancho {
namespace {

constexpr std::size_t k_width = 80;
constexpr std::size_t k_term_width = 28;  // two blanks included
constexpr std::size_t k_words_max = 80;   // of more, the reference is the place

void put_row(std::string& out, std::string_view term, std::string_view meaning) {
  out += fmt::format("  {}", term);
  if (term.size() + 4 > k_term_width) {
    out += '\n';
    out.append(k_term_width, ' ');
  } else {
    out.append(k_term_width - 2 - term.size(), ' ');
  }
  out += wrapped(meaning, k_term_width, k_width);
}

std::string default_of(const Parameter& option) {
  const Setting* setting = find_setting(option.setting);
  if (setting == nullptr || option.flag) return "";
  // A default of 0 or nothing means that there is none.
  const std::vector<std::string> values = setting->get(AgentOptions{});
  return values.empty() || values.front().empty() || values.front() == "0"
             ? ""
             : fmt::format(" (default {})", values.front());
}

std::string describe(const Parameter& parameter) {
  std::string text(meaning_of(parameter));
  auto words = words_of(parameter);
  // What has a colon is one of hundreds; the meaning says how they are written.
  std::erase_if(words,
                [](std::string_view word) { return word.find(':') != std::string_view::npos; });
  const bool spelled_out = value_of(parameter).find('|') != std::string_view::npos;
  if (!words.empty() && words.size() <= k_words_max && !spelled_out &&
      parameter.fill == Fill::nothing)
    text += fmt::format(": {}", fmt::join(words, ", "));
  return text;
}

std::string term_of(const Parameter& option) {
  std::string term = short_name(option).empty() ? "    " : fmt::format("{}, ", short_name(option));
  term += long_name(option);
  if (!option.flag) term += fmt::format(" {}", value_of(option));
  return term;
}

}  // namespace

std::string program_help(std::span<const CommandDesc* const> commands) {
  std::string out =
      "Gancho: sees through eBPF what happens in this machine's kernel.\n"
      "\n"
      "usage: gancho COMMAND [ARGUMENT]...\n"
      "\n"
      "commands:\n";
  for (const CommandDesc* command : commands) {
    if (!command->hidden) put_row(out, command->name, command->meaning);
  }
  out += "\noptions:\n";
  put_row(out, "-h, --help", "This help; after a command, that command's");
  put_row(out, "-V, --version", "The version");
  out +=
      "\n"
      "examples:\n"
      "  gancho check                what this kernel offers, and what is lost\n"
      "  gancho watch exec           every program that is executed, as it happens\n"
      "  gancho watch --help         all about one command\n"
      "\n"
      "Exit status: 0 done, 1 failed, 2 this kernel or user cannot do it, 64 wrong\n"
      "usage. NO_COLOR in the environment turns colors off.\n";
  return out;
}

std::string command_help(const CommandDesc& command) {
  std::string out;
  out += wrapped(fmt::format("gancho {}: {}.", command.name, command.meaning), 0, k_width);
  out += fmt::format("\nusage: gancho {}", command.name);
  for (const Parameter& operand : command.operands) {
    const std::string_view dots = command.repeated ? "..." : "";
    out += command.required ? fmt::format(" {}{}", operand.names, dots)
                            : fmt::format(" [{}{}]", operand.names, dots);
  }
  if (!command.options.empty()) out += " [OPTION]...";
  out += "\n\n";
  for (const Parameter& operand : command.operands) put_row(out, operand.names, describe(operand));
  if (!command.operands.empty()) out += '\n';

  out += "options:\n";
  for (const Parameter& option : command.options)
    put_row(out, term_of(option), describe(option) + default_of(option));
  put_row(out, "-h, --help", "This help");
  if (!command.note.empty()) {
    out += '\n';
    out += wrapped(command.note, 0, k_width);
  }
  out += "\nexamples:\n";
  for (const std::string_view example : command.examples) out += fmt::format("  {}\n", example);
  return out;
}

}  // namespace gancho
