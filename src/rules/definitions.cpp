// SPDX-License-Identifier: Apache-2.0
#include "rules/definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/quote.h"

namespace gancho::rules {
namespace {

template <class T>
void replace(std::optional<T>& old, std::optional<T> given) {
  if (given) old = std::move(given);
}

void replace_keys(RuleKeys& old, RuleKeys given) {
  replace(old.condition, std::move(given.condition));
  replace(old.output, std::move(given.output));
  replace(old.description, std::move(given.description));
  replace(old.priority, given.priority);
  replace(old.source, std::move(given.source));
  replace(old.tags, std::move(given.tags));
  replace(old.exceptions, std::move(given.exceptions));
  replace(old.enabled, given.enabled);
  replace(old.warn_evttypes, given.warn_evttypes);
  replace(old.skip_if_unknown_filter, given.skip_if_unknown_filter);
  replace(old.capture, given.capture);
  replace(old.action, given.action);
  if (given.mode) old.trial = given.trial;
  replace(old.mode, given.mode);
  replace(old.place, std::move(given.place));
}

void append_text(std::optional<RuleText>& old, const std::optional<RuleText>& more) {
  if (!more) return;
  if (!old) old.emplace();
  old->append(*more);
}

}  // namespace

void Definitions::apply(Item item) {
  ++count_;
  if (auto* list = std::get_if<ListItem>(&item)) {
    apply_list(std::move(*list));
  } else if (auto* macro = std::get_if<MacroItem>(&item)) {
    apply_macro(std::move(*macro));
  } else {
    apply_rule(std::move(std::get<RuleItem>(item)));
  }
}

void Definitions::apply_list(ListItem item) {
  ListDefinition* list = lists_.find(item.name);
  if (list == nullptr && item.append) {
    return problems_.error(
        item.at, fmt::format("there is no list {} before this to append to{}", in_quotes(item.name),
                             hints_.did_you_mean(item.name, [this] { return lists_.names(); })));
  }
  if (list == nullptr) list = &lists_.add({item.name, item.at, {}});
  if (!item.append) list->items.clear();
  std::ranges::move(item.items, std::back_inserter(list->items));
}

void Definitions::apply_macro(MacroItem item) {
  MacroDefinition* macro = macros_.find(item.name);
  if (macro == nullptr && item.append) {
    return problems_.error(
        item.at,
        fmt::format("there is no macro {} before this to append to{}", in_quotes(item.name),
                    hints_.did_you_mean(item.name, [this] { return macros_.names(); })));
  }
  if (macro == nullptr) macro = &macros_.add({item.name, item.at, {}, count_, count_});
  if (item.append) {
    macro->condition.append(item.condition);
  } else {
    macro->condition = std::move(item.condition);
    macro->at = item.at;
  }
  macro->last = count_;
}

void Definitions::apply_rule(RuleItem item) {
  if (item.change == RuleChange::define) return define(std::move(item));
  RuleDefinition* rule = rules_.find(item.name);
  if (rule == nullptr) {
    return problems_.error(
        item.at, fmt::format("there is no rule {} before this to change{}", in_quotes(item.name),
                             hints_.did_you_mean(item.name, [this] { return rules_.names(); })));
  }
  append(*rule, std::move(item.appended));
  replace_keys(rule->keys, std::move(item.keys));
}

void Definitions::define(RuleItem item) {
  if (!item.keys.source) item.keys.source = "syscall";
  RuleDefinition* rule = rules_.find(item.name);
  if (rule == nullptr) {
    rules_.add({std::move(item.name), item.at, std::move(item.keys)});
    return;
  }
  if (rule->keys.source != item.keys.source) {
    return problems_.error(
        item.at, fmt::format("rule {} is there already, for the source {}", in_quotes(item.name),
                             in_quotes(*rule->keys.source)));
  }
  rule->keys = std::move(item.keys);
  rule->at = item.at;
}

void Definitions::append(RuleDefinition& rule, RuleKeys more) {
  append_text(rule.keys.condition, more.condition);
  append_text(rule.keys.output, more.output);
  if (more.description)
    rule.keys.description = rule.keys.description.value_or("") + " " + *more.description;
  if (more.tags) {
    if (!rule.keys.tags) rule.keys.tags.emplace();
    std::ranges::move(*more.tags, std::back_inserter(*rule.keys.tags));
  }
  if (more.exceptions) append_exceptions(rule, std::move(*more.exceptions));
}

void Definitions::append_exceptions(RuleDefinition& rule, std::vector<ExceptionItem> more) {
  if (!rule.keys.exceptions) rule.keys.exceptions.emplace();
  std::vector<ExceptionItem>& there = *rule.keys.exceptions;
  for (ExceptionItem& exception : more) {
    const auto old = std::ranges::find(there, exception.name, &ExceptionItem::name);
    if (old == there.end()) {
      if (!exception.fields) {
        problems_.error(exception.at,
                        fmt::format("there is no exception {} before this: it needs fields",
                                    in_quotes(exception.name)));
        continue;
      }
      there.push_back(std::move(exception));
    } else if (exception.fields || old->fields == std::nullopt) {
      problems_.error(exception.at, fmt::format("exception {} is there already: only values can be "
                                                "appended",
                                                in_quotes(exception.name)));
    } else {
      std::ranges::move(exception.values, std::back_inserter(old->values));
    }
  }
}

}  // namespace gancho::rules
