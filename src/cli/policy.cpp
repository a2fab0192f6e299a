// SPDX-License-Identifier: Apache-2.0
//
// gancho policy: what rule files say, and what is wrong with them.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/nearest.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/policy_fields.h"
#include "cli/policy_text.h"
#include "cli/print.h"
#include "cli/privilege.h"
#include "cli/values.h"
#include "event/room.h"
#include "rules/load.h"
#include "rules/rule_files.h"

namespace gancho {
namespace {

constexpr std::string_view k_rules_folder = "/etc/gancho/rules.d";

std::vector<std::string_view> first_words_of_policy() {
  return {"check", "fields", "list"};
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
          "list [FILE]... shows their rules; fields [EVENT] shows what a condition may name. "
          "Later files add to and change what earlier ones "
          "define; of a folder all that end in .yaml are taken, in the order of their names; - is "
          "standard input. Without a FILE, those in /etc/gancho/rules.d",
      .words = first_words_of_policy,
      .fill = Fill::file,
      .before = "fields",
      .behind = event_names}});

// The setting's format, whose default is `gancho watch`'s.
constexpr Parameter k_output_option{.names = "-o,--output", .setting = "output.format"};
constexpr auto k_options = std::to_array<Parameter>({k_output_option});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho policy check falco_rules.yaml my_rules.yaml",
    "gancho policy list falco_rules.yaml",
    "gancho policy fields open",
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
  return rules::read_rule_files(named);
}

Result<int> show_fields(const Arguments& arguments) {
  const EventDesc* event = nullptr;
  if (arguments.operands.size() > 2)
    return fail(Errc::usage, "policy fields takes one EVENT, or none");
  if (arguments.operands.size() == 2) {
    const std::string& name = arguments.operands[1];
    event = find_event(name);
    if (event == nullptr)
      return fail(Errc::usage,
                  "unknown event " + in_quotes(name) + did_you_mean(name, event_names()));
  }
  const bool json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  TRY(print(json ? policy_fields_json(event) : policy_fields_table(event)));
  return 0;
}

Result<int> run(const Arguments& arguments) {
  const std::string& what = arguments.operands.front();
  if (what == "fields") return show_fields(arguments);
  const bool check = what == "check";
  if (!check && what != "list") {
    return fail(Errc::usage, "policy has nothing called " + in_quotes(what) +
                                 did_you_mean(what, first_words_of_policy()));
  }
  const bool json = TRY(word_value(arguments, k_output_option, "text")) == "json";
  if (check && json) return fail(Errc::usage, "policy check is for people; -o json is of list");
  std::vector<rules::RuleFile> files = TRY(read_files(arguments));
  const std::size_t count = files.size();
  TRY(give_up_privilege());

  const rules::Loaded loaded = rules::load_rules(std::move(files));
  const std::string problems = policy_problems(loaded);
  std::fwrite(problems.data(), 1, problems.size(), stderr);
  if (!loaded.rules) return 1;
  const rules::RuleSet& set = *loaded.rules;
  TRY(print(check ? policy_summary(set, count) : json ? policy_json(set) : policy_table(set)));
  return 0;
}

}  // namespace

constinit const CommandDesc k_policy_command{
    .name = "policy",
    .meaning = "Check and list rules, and the fields that they may name",
    .operands = k_operands,
    .required = true,
    .repeated = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Exit status: 0 all rules were read, 1 something is wrong with them. Warnings, and rules "
        "that cannot run here, do not change it.",
    .run = run,
};

}  // namespace gancho
