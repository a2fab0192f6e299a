// SPDX-License-Identifier: Apache-2.0
//
// CLI11 splits the words; what it would say about the wrong ones is said here, in our way and with
// the nearest right one. Options are declared as lists, because CLI11 would otherwise let the last
// one win.
#include "cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "base/nearest.h"
#include "base/quote.h"

namespace gancho {
namespace {

struct Slot {
  const Parameter* option;
  std::vector<std::string> values;
  bool given = false;
};

struct Parser {
  const CommandDesc* command;
  CLI::App* app;
  std::deque<Slot> slots;  // their addresses are CLI11's
  std::vector<std::string> operands;
};

void declare(Parser& parser) {
  for (const Parameter& option : parser.command->options) {
    Slot& slot = parser.slots.emplace_back(Slot{&option, {}, false});
    const std::string names(option.names);
    if (option.flag) {
      parser.app->add_flag(names, slot.given);
    } else {
      parser.app->add_option(names, slot.values)
          ->expected(1)
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
  for (const Parameter& operand : parser.command->operands) {
    parser.app->add_option(std::string(operand.names), parser.operands)
        ->expected(0, CLI::detail::expected_max_vector_size);
  }
}

std::vector<std::string_view> option_names(const CommandDesc& command) {
  std::vector<std::string_view> names;
  for (const Parameter& option : command.options) names.push_back(long_name(option));
  names.emplace_back("--help");
  return names;
}

std::unexpected<Error> unknown_word(const CommandDesc& command, const std::string& word) {
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    return fail(Errc::usage, fmt::format("unknown option {} of {}{}", in_quotes(name), command.name,
                                         did_you_mean(name, option_names(command))));
  }
  return fail(Errc::usage, fmt::format("{} takes nothing like {}", command.name, in_quotes(word)));
}

// Before CLI11 sees them: "--pid=" with nothing behind it would swallow the next word.
Status check_words(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word.starts_with("--") && word.find('=') == word.size() - 1) {
      return fail(Errc::usage, fmt::format("{} has no value behind it", in_quotes(word)));
    }
  }
  return {};
}

Result<Arguments> collect(const Parser& parser) {
  const CommandDesc& command = *parser.command;
  Arguments arguments;
  arguments.command = &command;
  const std::vector<std::string> rest = parser.app->remaining();
  // Options first: an unknown one may have left its value among the operands.
  const auto wrong =
      std::ranges::find_if(rest, [](const std::string& word) { return word.starts_with('-'); });
  if (wrong != rest.end()) return unknown_word(command, *wrong);
  if (!rest.empty()) return unknown_word(command, rest.front());

  for (const Slot& slot : parser.slots) {
    const std::string name(long_name(*slot.option));
    if (slot.values.size() > 1 && !slot.option->again)
      return fail(Errc::usage, name + " is given twice");
    if (slot.given) arguments.given.emplace(name, std::vector<std::string>{""});
    if (!slot.values.empty()) arguments.given.emplace(name, slot.values);
  }

  if (command.required && parser.operands.empty()) {
    const Parameter& operand = command.operands.front();
    const std::vector<std::string_view> words = words_of(operand);
    const std::string known = words.empty() ? "" : ": " + first_words(words);
    return fail(Errc::usage,
                fmt::format("{} needs {}{}{}", command.name,
                            command.repeated ? "at least one " : "", operand.names, known));
  }
  if (command.operands.empty() && !parser.operands.empty())
    return unknown_word(command, parser.operands.front());
  if (!command.repeated && parser.operands.size() > 1) {
    return fail(Errc::usage,
                fmt::format("{} takes one {}, not also {}", command.name,
                            command.operands.front().names, in_quotes(parser.operands[1])));
  }
  arguments.operands = parser.operands;
  return arguments;
}

Result<Arguments> no_command(std::span<const CommandDesc* const> commands,
                             const std::vector<std::string>& rest) {
  const std::string& word = rest.front();
  if (word.starts_with('-')) {
    return fail(Errc::usage,
                fmt::format("unknown option {}; options come after the command", in_quotes(word)));
  }
  std::vector<std::string_view> names;
  for (const CommandDesc* command : commands) {
    if (!command->hidden) names.push_back(command->name);
  }
  std::string hint = did_you_mean(word, names);
  if (hint.empty()) hint = "; gancho --help lists them";
  return fail(Errc::usage, fmt::format("unknown command {}{}", in_quotes(word), hint));
}

// What CLI11 throws: its flags and options leave it only one thing to miss, an option's value.
Error translate(const CLI::ParseError& error, const Parser* parser) {
  std::string name = error.what();
  name = name.substr(0, name.find(':'));
  if (error.get_name() == "ArgumentMismatch" && parser != nullptr) {
    for (const Slot& slot : parser->slots) {
      if (name == long_name(*slot.option)) {
        return {Errc::usage,
                fmt::format("{} needs a value: {} {}", name, name, value_of(*slot.option))};
      }
    }
  }
  std::string what = error.what();
  std::ranges::replace_if(what, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return {Errc::usage, what};
}

}  // namespace

Result<Arguments> parse_command_line(std::span<const CommandDesc* const> commands,
                                     std::span<const std::string> all_words) {
  // What stands behind "--" is no option whatever it looks like; CLI11 gives it to the wrong
  // command at times.
  const auto dashes = std::ranges::find(all_words, "--");
  const std::span words(all_words.begin(), dashes);
  TRY(check_words(words));
  CLI::App app;
  bool version = false;
  std::deque<Parser> parsers;
  const auto chosen = [&]() -> Parser* {
    const auto found =
        std::ranges::find_if(parsers, [](const Parser& parser) { return parser.app->parsed(); });
    return found == parsers.end() ? nullptr : &*found;
  };
  try {
    app.set_help_flag("-h,--help");
    app.add_flag("-V,--version", version);
    app.require_subcommand(0, 1);
    app.allow_extras();
    for (const CommandDesc* command : commands) {
      Parser& parser = parsers.emplace_back(Parser{command, nullptr, {}, {}});
      parser.app = app.add_subcommand(std::string(command->name));
      parser.app->allow_extras();
      declare(parser);
    }
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    const Parser* parser = chosen();
    Arguments arguments;
    arguments.command = parser == nullptr ? nullptr : parser->command;
    arguments.help = true;
    return arguments;
  } catch (const CLI::ParseError& error) {
    return std::unexpected(translate(error, chosen()));
  } catch (const CLI::Error& error) {
    return fail(Errc::internal, error.what());
  }

  Parser* parser = chosen();
  std::vector<std::string> rest = app.remaining();
  if (dashes != all_words.end()) {
    std::vector<std::string>& operands = parser != nullptr ? parser->operands : rest;
    operands.insert(operands.end(), dashes + 1, all_words.end());
  }
  if (!rest.empty()) return no_command(commands, rest);
  if (parser != nullptr) {
    Arguments arguments = TRY(collect(*parser));
    arguments.version = version;
    return arguments;
  }
  Arguments arguments;
  arguments.version = version;
  return arguments;
}

}  // namespace gancho
