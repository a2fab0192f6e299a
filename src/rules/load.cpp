// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/quote.h"
#include "event/room.h"
#include "rules/check.h"
#include "rules/check_fields.h"
#include "rules/definitions.h"
#include "rules/event_words.h"
#include "rules/exceptions.h"
#include "rules/hints.h"
#include "rules/never.h"
#include "rules/odd_operators.h"
#include "rules/odd_values.h"
#include "rules/output.h"
#include "rules/parser.h"
#include "rules/read_items.h"
#include "rules/resolver.h"
#include "rules/typed_rules.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_source = "syscall";

class Loader {
 public:
  Loader(const Definitions& definitions, Problems& problems)
      : definitions_(definitions), problems_(problems), resolver_(definitions, problems) {}

  RuleSet load() {
    RuleSet set;
    set.macros = definitions_.macros().all().size();
    set.lists = definitions_.lists().all().size();
    resolver_.resolve_macros();
    for (const RuleDefinition& definition : definitions_.rules().all()) {
      auto rule = load_rule(definition);
      if (!rule) continue;
      comparisons_ += rule->condition.comparisons.size();
      values_ += rule->condition.values.size();
      if (comparisons_ > k_most_comparisons_in_all || values_ > k_most_values_in_all) {
        problems_.error(
            definition.at,
            fmt::format("more than {} comparisons or {} values in all rules, with macros "
                        "and lists written out",
                        k_most_comparisons_in_all, k_most_values_in_all));
        break;
      }
      set.rules.push_back(std::move(*rule));
    }
    return set;
  }

 private:
  std::optional<Rule> load_rule(const RuleDefinition& definition) {
    Rule rule = plain_parts(definition);
    // Nobody here knows its fields.
    if (rule.source != k_source) {
      rule.disabled = fmt::format("there is no source of events {}", in_quotes(rule.source));
      return rule;
    }
    const RuleKeys& keys = definition.keys;
    const std::size_t before = problems_.errors();
    if (keys.output) {
      if (auto output = parse_output(*keys.output, problems_)) rule.output = std::move(*output);
    }
    const auto exceptions = keys.exceptions.value_or(std::vector<ExceptionItem>{});
    const auto text = with_exceptions(*keys.condition, exceptions, problems_);
    // Where exceptions are wrong, what is wrong with the condition is said all the same.
    if (auto condition = resolver_.resolve(text ? *text : *keys.condition))
      rule.condition = std::move(*condition);
    // What is wrong may have been said of another rule already, and then counts no more.
    const bool skip = keys.skip_if_unknown_filter.value_or(false);
    const bool known = check_fields(rule, skip, hints_, problems_);
    for (const ExceptionItem& exception : exceptions)
      if (exception.values.empty()) check_unused(exception, skip);
    if (rule.disabled.empty()) rule.disabled = odd_.why(rule.condition);
    check_event_words(rule.condition, hints_, problems_);
    odd_values_.check(rule.condition, hints_, problems_);
    if (!known || problems_.errors() != before || rule.condition.nodes.empty()) {
      if (rule.disabled.empty()) other_errors(rule);
      return std::nullopt;
    }
    if (rule.disabled.empty() && !check_types(rule)) return std::nullopt;
    return rule;
  }

  // An exception that nobody has given values to is not part of the condition; its fields are
  // misspelt all the same.
  void check_unused(const ExceptionItem& exception, bool skip) {
    if (!exception.fields) return;
    const auto check = [&](const RuleText& field) {
      Problems said;  // when it was read
      auto operand = parse_operand(field, said);
      if (!operand) return;
      Rule alone;
      alone.condition = std::move(*operand);
      (void)check_fields(alone, skip, hints_, problems_);
    };
    if (!exception.fields->is_list) return check(exception.fields->text);
    for (const ExceptionEntry& entry : exception.fields->entries) check(entry.text);
  }

  // What is wrong beside what was said, of the parts that could be read.
  void other_errors(const Rule& rule) {
    Problems found;
    if (!rule.condition.nodes.empty()) (void)check_condition(rule.condition, found);
    (void)check_output(rule.output, found);
    for (const Problem& problem : found.kept()) {
      const auto said = [&](const Problem& other) { return other.at == problem.at; };
      if (problem.severity == Severity::error && std::ranges::none_of(problems_.kept(), said))
        problems_.error(problem.at, problem.message);
    }
  }

  // Against the schema, and can it ever fire?
  bool check_types(Rule& rule) {
    const auto typed = check_condition(rule.condition, problems_);
    const bool shown = check_output(rule.output, problems_);
    if (!typed || !shown) return false;
    rule.disabled = why_never(rule.condition, *typed);
    if (rule.runs() && rule.warn_evttypes) warn_of_many(rule, *typed);
    return true;
  }

  // All that a rule may match is watched, on its account.
  void warn_of_many(const Rule& rule, const TypedCondition& typed) {
    std::size_t kinds = 0;
    for (const Room* room : rooms()) kinds += room->events.size();
    const auto asked = static_cast<std::size_t>(std::ranges::count(typed.logic.possible, true));
    if (2 * asked <= kinds) return;
    const std::string share = asked == kinds ? "all" : fmt::format("{} of {}", asked, kinds);
    problems_.warning(rule.at, fmt::format("asks for {} events: name those that are meant, as in "
                                           "evt.type = open, or say warn_evttypes: false",
                                           share));
  }

  static Rule plain_parts(const RuleDefinition& definition) {
    const RuleKeys& keys = definition.keys;
    Rule rule;
    rule.name = definition.name;
    rule.at = definition.at;
    rule.description = keys.description.value_or("");
    rule.priority = keys.priority.value_or(Priority::debug);
    rule.source = keys.source.value_or(std::string(k_source));
    for (const std::string& tag : keys.tags.value_or(std::vector<std::string>{}))
      if (std::ranges::find(rule.tags, tag) == rule.tags.end()) rule.tags.push_back(tag);
    rule.enabled = keys.enabled.value_or(true);
    rule.warn_evttypes = keys.warn_evttypes.value_or(true);
    rule.capture = keys.capture.value_or(false);
    rule.action = keys.action.value_or(Action::alert);
    rule.mode = keys.mode.value_or(Mode::audit);
    rule.trial = keys.trial;
    rule.place = keys.place.value_or(PacketPlace{});
    return rule;
  }

  const Definitions& definitions_;
  Problems& problems_;
  Resolver resolver_;
  Hints hints_;
  OddOperators odd_;
  OddValues odd_values_;
  std::size_t comparisons_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Loaded load_rules(std::vector<RuleFile> files) {
  Loaded loaded;
  Definitions definitions(loaded.problems);
  for (RuleFile& file : files) {
    const auto index = static_cast<std::uint32_t>(loaded.sources.size());
    const Source& source = loaded.sources.emplace_back(std::move(file.name), std::move(file.text));
    for (Item& item : read_items(source, index, loaded.problems))
      definitions.apply(std::move(item));
  }
  RuleSet set = Loader(definitions, loaded.problems).load();
  if (loaded.problems.errors() == 0) loaded.rules = std::move(set);
  return loaded;
}

}  // namespace gancho::rules
