// SPDX-License-Identifier: Apache-2.0
//
// gancho policy: what rule files say, what is wrong with them, what they would do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/settings.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/policy_explain.h"
#include "cli/policy_fields.h"
#include "cli/policy_replay.h"
#include "cli/policy_text.h"
#include "cli/print.h"
#include "cli/privilege.h"
#include "cli/terminal.h"
#include "cli/values.h"
#include "event/recording.h"
#include "event/room.h"
#include "rules/evaluate.h"
#include "rules/lexer.h"
#include "rules/load.h"
#include "rules/rule_files.h"
#include "rules/typed_rules.h"
#include "rules/where.h"

namespace gancho {
namespace {

constexpr std::string_view k_rules_folder = "/etc/gancho/rules.d";

std::vector<std::string_view> first_words_of_policy() {
  return {"check", "explain", "fields", "list", "test"};
}

std::vector<std::string_view> event_names() {
  std::vector<std::string_view> names;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) names.push_back(event.name);
  return names;
}

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "WHAT",
      .meaning =
          "check [FILE]... says what is wrong with rule files, and what is in them when nothing "
          "is; "
          "list [FILE]... shows their rules; explain [FILE]... how they are evaluated and what "
          "for; "
          "test [FILE]... --recording FILE what fires on recorded history; "
          "fields [EVENT] shows what a condition may name, of the event by any of its names. "
          "Later files add to and change what earlier ones "
          "define; of a folder all that end in .yaml or .yml are taken, in the order of their "
          "names; - is "
          "standard input. Without a FILE, those in /etc/gancho/rules.d",
      .words = first_words_of_policy,
      .fill = Fill::file,
      .before = "fields",
      .behind = event_names}});

// The setting's format, whose default is `gancho watch`'s.
constexpr Parameter k_output_option{.names = "-o,--output", .setting = "output.format"};
constexpr auto k_options = std::to_array<Parameter>({
    k_output_option,
    {.names = "--rule", .value = "NAME", .meaning = "explain, test: only the rule of this name"},
    {.names = "--recording",
     .value = "FILE",
     .meaning = "test: what `gancho watch --record` wrote; - for standard input",
     .fill = Fill::file},
    {.names = "--matching", .setting = "rules.matching"},
    {.names = "--salvage",
     .meaning = "test: what is whole of a damaged or unfinished recording",
     .flag = true},
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho policy check falco_rules.yaml my_rules.yaml",
    "gancho policy list falco_rules.yaml",
    "gancho policy explain falco_rules.yaml --rule 'Read sensitive file untrusted'",
    "gancho policy test my_rules.yaml --recording today.rec",
    "gancho policy fields open",
    "gancho policy check -o json | jq 'select(.severity == \"error\")'",
    "gancho policy list -o json | jq -r 'select(.runs | not) | .rule'",
});

Result<std::vector<rules::RuleFile>> read_files(const Arguments& arguments) {
  std::vector<std::string> named(arguments.operands.begin() + 1, arguments.operands.end());
  std::error_code ignored;
  if (named.empty()) {
    if (!std::filesystem::exists(k_rules_folder, ignored)) {
      return fail(Errc::usage, "policy " + arguments.operands.front() +
                                   " needs a FILE: there is no " + std::string(k_rules_folder));
    }
    named.emplace_back(k_rules_folder);
  }
  return rules::read_rule_files_or_pipes(named);
}

// As `gancho watch` names them, groups and single calls too, or as conditions do: open, files,
// syscall:mount, openat.
Result<std::vector<const EventDesc*>> events_called(const std::string& name) {
  AgentOptions asked;
  const Setting* const setting = find_setting("events");
  setting->clear(asked);
  const Status watched = setting->set(name, asked);
  EventSet set = watched ? events_of(asked) : EventSet();
  if (const EventDesc* const event = find_event(name)) set.add(event->type);
  if (set.empty())
    if (const auto condition = rules::read_where("evt.type = " + rules::quote(name)))
      set = rules::event_types(condition->logic);
  std::vector<const EventDesc*> told;
  std::vector<const EventDesc*> by_call;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (set.contains(event.type)) (event.by_call ? by_call : told).push_back(&event);
  // Any call may be asked for by its name, also one that has an event of its own.
  if (!told.empty()) return told;
  if (!by_call.empty()) return by_call;
  return std::unexpected(watched.error());
}

Result<int> show_fields(const Arguments& arguments) {
  if (arguments.operands.size() > 2)
    return fail(Errc::usage, "policy fields takes one EVENT, or none");
  std::vector<const EventDesc*> events{nullptr};
  if (arguments.operands.size() == 2) events = TRY(events_called(arguments.operands[1]));
  const bool json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  for (const EventDesc* event : events) {
    if (events.size() > 1 && !json)
      TRY(print(fmt::format("{}{}:\n", event == events.front() ? "" : "\n", event->name)));
    TRY(print(json ? policy_fields_json(event) : policy_fields_table(event)));
  }
  return 0;
}

// What `what` does not take.
Status expect_options(const Arguments& arguments, std::string_view what) {
  const auto refuse = [&](std::string_view option, std::string_view of) {
    return fail(Errc::usage, std::string(option) + " is of policy " + std::string(of) +
                                 ", not of policy " + std::string(what));
  };
  const bool test = what == "test";
  if (arguments.has("--rule") && !test && what != "explain")
    return refuse("--rule", "explain and policy test");
  for (const std::string_view option : {"--recording", "--matching", "--salvage"})
    if (arguments.has(option) && !test) return refuse(option, "test");
  if (test && !arguments.has("--recording"))
    return fail(Errc::usage, "policy test needs --recording FILE");
  return {};
}

// Only the rule that --rule names, when it does.
Status keep_rule(const Arguments& arguments, rules::RuleSet& set) {
  const std::string* const name = arguments.find("--rule");
  if (name == nullptr) return {};
  std::vector<std::string_view> names;
  for (const rules::Rule& rule : set.rules) names.push_back(rule.name);
  if (std::ranges::find(names, *name) == names.end())
    return fail(Errc::usage, "there is no rule " + in_quotes(*name) + did_you_mean(*name, names));
  std::erase_if(set.rules, [&](const rules::Rule& rule) { return rule.name != *name; });
  return {};
}

// Problems go to standard error; nullopt when the rules cannot be used.
std::optional<rules::TypedRules> typed_rules(rules::Loaded& loaded) {
  auto typed = rules::type_rules(*loaded.rules, loaded.problems);
  if (typed) return typed;
  const std::string problems = policy_problems(loaded);
  std::fwrite(problems.data(), 1, problems.size(), stderr);
  return std::nullopt;
}

Result<int> explain(const Arguments& arguments, rules::Loaded& loaded, bool json) {
  const std::string* const only = arguments.find("--rule");
  rules::RuleSet named = *loaded.rules;
  TRY(keep_rule(arguments, named));
  const auto typed = typed_rules(loaded);
  if (!typed) return 1;
  const rules::Explanation explanation = rules::explain(*loaded.rules, *typed);
  const std::string_view name = only == nullptr ? std::string_view{} : *only;
  TRY(print(json ? explain_json(explanation, *typed, name)
                 : explain_text(explanation, *typed, name)));
  return 0;
}

Result<int> test(const Arguments& arguments, rules::Loaded& loaded, const FileBytes& file,
                 bool json) {
  const std::string& path = *arguments.find("--recording");
  AgentOptions settings;
  TRY(apply_settings(arguments, settings));
  TRY(keep_rule(arguments, *loaded.rules));
  const auto typed = typed_rules(loaded);
  if (!typed) return 1;
  const auto recording =
      Recording::open(file.view(), arguments.has("--salvage") ? Salvage::yes : Salvage::no);
  if (!recording) return wrap(path, recording.error());
  if (!recording->damage().empty())
    fmt::print(stderr, "gancho: {}: {}\n", path, recording->damage());

  PolicyReplayOptions options{.matching = settings.rules.matching, .json = json};
  // Where alerts are seen as they come, they are progress enough.
  const Terminal terminal = Terminal::current();
  const bool progress = terminal.error && !terminal.out && !terminal.plain;
  if (progress)
    options.progress = [&](std::uint64_t events) {
      fmt::print(stderr, "\r{} of {} events", events, recording->records());
    };
  const PolicyReplay replay = TRY(replay_policy(*recording, *typed, options, print));
  if (progress) fmt::print(stderr, "\r\x1b[K");
  TRY(print(json ? policy_replay_json(replay, *typed) : policy_replay_text(replay, *typed)));
  return 0;
}

Result<int> run(const Arguments& arguments) {
  const std::string& what = arguments.operands.front();
  const auto known = first_words_of_policy();
  if (std::ranges::find(known, what) == known.end())
    return fail(Errc::usage,
                "policy has nothing called " + in_quotes(what) + did_you_mean(what, known));
  TRY(expect_options(arguments, what));
  if (what == "fields") return show_fields(arguments);
  const bool check = what == "check";
  const bool json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  std::vector<rules::RuleFile> files = TRY(read_files(arguments));
  const std::size_t count = files.size();
  std::optional<FileBytes> recording;
  if (what == "test") recording.emplace(TRY(FileBytes::open(*arguments.find("--recording"))));
  TRY(give_up_privilege());

  rules::Loaded loaded = rules::load_rules(std::move(files));
  if (check && json) {
    TRY(print(policy_check_json(loaded, count)));
    return loaded.rules ? 0 : 1;
  }
  const std::string problems = policy_problems(loaded);
  std::fwrite(problems.data(), 1, problems.size(), stderr);
  if (!loaded.rules) return 1;
  if (what == "explain") return explain(arguments, loaded, json);
  if (what == "test") return test(arguments, loaded, *recording, json);
  const rules::RuleSet& set = *loaded.rules;
  TRY(print(check ? policy_summary(set, count) : json ? policy_json(set) : policy_table(set)));
  return 0;
}

}  // namespace

constinit const CommandDesc k_policy_command{
    .name = "policy",
    .meaning = "Check, list, explain and test rules; list the fields that they may name",
    .operands = k_operands,
    .required = true,
    .repeated = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Exit status: 0 all rules were read, 1 something is wrong with them, or with the "
        "recording. "
        "Warnings, rules that cannot run here, and how many of them fire in a "
        "test, do not change it.",
    .run = run,
};

}  // namespace gancho
