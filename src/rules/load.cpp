// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/quote.h"
#include "rules/check.h"
#include "rules/check_fields.h"
#include "rules/definitions.h"
#include "rules/exceptions.h"
#include "rules/hints.h"
#include "rules/never.h"
#include "rules/output.h"
#include "rules/read_items.h"
#include "rules/resolver.h"

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
    const auto text = with_exceptions(
        *keys.condition, keys.exceptions.value_or(std::vector<ExceptionItem>{}), problems_);
    if (text) {
      if (auto condition = resolver_.resolve(*text)) rule.condition = std::move(*condition);
    }
    // What is wrong may have been said of another rule already, and then counts no more.
    const bool known =
        check_fields(rule, keys.skip_if_unknown_filter.value_or(false), hints_, problems_);
    if (!known || problems_.errors() != before || rule.condition.nodes.empty()) return std::nullopt;
    if (rule.disabled.empty() && !check_types(rule)) return std::nullopt;
    return rule;
  }

  // Against the schema, and can it ever fire?
  bool check_types(Rule& rule) {
    const auto typed = check_condition(rule.condition, problems_);
    if (typed) rule.disabled = why_never(rule.condition, *typed);
    return typed.has_value();
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
