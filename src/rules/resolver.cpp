// SPDX-License-Identifier: Apache-2.0
#include "rules/resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "rules/condition_builder.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace gancho::rules {

Resolver::Resolver(const Definitions& definitions, Problems& problems)
    : definitions_(definitions), problems_(problems), macros_(definitions.macros().all().size()) {}

void Resolver::resolve_macros() {
  for (const MacroDefinition& definition : definitions_.macros().all()) (void)macro(definition);
}

std::optional<Condition> Resolver::resolve(const RuleText& condition) {
  return parse(condition, nullptr);
}

std::optional<Condition> Resolver::parse(const RuleText& text,  // NOLINT(misc-no-recursion)
                                         const MacroDefinition* owner) {
  const auto parsed = parse_condition(text, problems_);
  return parsed ? expand(*parsed, owner) : std::nullopt;
}

const std::optional<Condition>& Resolver::macro(  // NOLINT(misc-no-recursion)
    const MacroDefinition& definition) {
  const auto index = static_cast<std::size_t>(&definition - definitions_.macros().all().data());
  Macro& made = macros_[index];
  if (made.state == State::unread) {
    made.state = State::open;
    ++depth_;
    made.condition = parse(definition.condition, &definition);
    --depth_;
    made.state = State::done;
  }
  return made.condition;
}

const MacroDefinition* Resolver::find_macro(const Value& name, const MacroDefinition* owner) {
  const MacroDefinition* found = definitions_.macros().find(name.text);
  const std::string quoted = in_quotes(name.text);
  if (found == nullptr) {
    if (definitions_.lists().find(name.text) != nullptr) {
      problems_.error(name.at,
                      fmt::format("{} is a list, and no condition: compare a field with it, "
                                  "as in proc.name in ({})",
                                  quoted, name.text));
    } else {
      problems_.error(
          name.at, fmt::format("unknown macro {}{}", quoted, hints_.did_you_mean(name.text, [this] {
            return definitions_.macros().names();
          })));
    }
    return nullptr;
  }
  if (owner != nullptr && found->first >= owner->last && found != owner) {
    problems_.error(name.at, fmt::format("macro {} is defined only behind {}, which cannot see it",
                                         quoted, in_quotes(owner->name)));
    return nullptr;
  }
  const auto index = static_cast<std::size_t>(found - definitions_.macros().all().data());
  if (macros_[index].state == State::open) {
    problems_.error(name.at, fmt::format("macro {} stands in itself", quoted));
    return nullptr;
  }
  if (macros_[index].state == State::unread && depth_ == k_most_macro_depth) {
    problems_.error(name.at,
                    fmt::format("more than {} macros inside each other", k_most_macro_depth));
    return nullptr;
  }
  return found;
}

std::optional<Condition> Resolver::expand(const Condition& parsed,  // NOLINT(misc-no-recursion)
                                          const MacroDefinition* owner) {
  ConditionBuilder builder;
  std::vector<Index> made;  // of each node
  bool wrong = false;
  std::vector<Index> parts;
  for (const Node& node : parsed.nodes) {
    Index index = k_none;
    switch (node.kind) {
      case NodeKind::comparison: {
        const Comparison& comparison = parsed.comparison_of(node);
        std::vector<Value> values;
        if (!substitute(parsed, comparison, values)) {
          wrong = true;
          break;
        }
        index = builder.copy_comparison(parsed, comparison, values, node.at);
        break;
      }
      case NodeKind::macro: {
        const MacroDefinition* found = find_macro(parsed.macro_of(node), owner);
        const std::optional<Condition>* condition = found == nullptr ? nullptr : &macro(*found);
        if (condition == nullptr || !*condition) {
          wrong = true;
        } else {
          index = builder.graft(**condition);
        }
        break;
      }
      default:
        parts.clear();
        for (const Index child : parsed.children_of(node)) parts.push_back(made[child]);
        if (std::ranges::find(parts, k_none) != parts.end()) break;
        index = node.kind == NodeKind::negation ? builder.negate(parts[0], node.at)
                                                : builder.join(node.kind, parts, node.at);
    }
    made.push_back(index);
    if (builder.comparisons() > k_most_comparisons || builder.values() > k_most_values) {
      problems_.error(node.at,
                      fmt::format("more than {} comparisons or {} values in one condition, "
                                  "with its macros and lists written out",
                                  k_most_comparisons, k_most_values));
      return std::nullopt;
    }
  }
  if (wrong || made.back() == k_none) return std::nullopt;
  return builder.finish(made.back());
}

const ListDefinition* Resolver::named(const Value& value) const {
  return value.quoted ? nullptr : definitions_.lists().find(value.text);
}

bool Resolver::substitute(const Condition& parsed, const Comparison& comparison,
                          std::vector<Value>& values) {
  const OperatorDesc& op = describe(comparison.op);
  const bool many = op.takes == Takes::list || comparison.modifier != Modifier::none;
  for (const Value& value : parsed.values_of(comparison)) {
    const ListDefinition* definition = named(value);
    if (definition == nullptr) {
      values.push_back(value);
      continue;
    }
    const std::vector<Value>& items = list(*definition);
    if (!many && items.size() != 1) {
      problems_.error(value.at, fmt::format("{} is a list of {} values, and {} takes one",
                                            in_quotes(value.text), items.size(), op.word));
      return false;
    }
    values.insert(values.end(), items.begin(), items.end());
    if (values.size() > k_most_values) {
      problems_.error(value.at, fmt::format("more than {} values in one condition", k_most_values));
      return false;
    }
  }
  if (op.takes == Takes::number && comparison.right == k_none && !is_number(values[0].text)) {
    problems_.error(values[0].at, fmt::format("expected a number behind {}, not {}", op.word,
                                              in_quotes(values[0].text)));
    return false;
  }
  return true;
}

const std::vector<Value>& Resolver::list(  // NOLINT(misc-no-recursion)
    const ListDefinition& definition) {
  if (const auto known = lists_.find(&definition); known != lists_.end()) return known->second;
  open_lists_.push_back(&definition);
  std::vector<Value> values;
  for (const Value& item : definition.items) {
    const ListDefinition* inner = named(item);
    // A list may have a value that is called as itself.
    const bool open = std::ranges::find(open_lists_, inner) != open_lists_.end();
    if (inner == nullptr || open || open_lists_.size() == k_most_macro_depth) {
      values.push_back(item);
      ++list_values_;
    } else {
      const std::vector<Value>& inside = list(*inner);
      values.insert(values.end(), inside.begin(), inside.end());
      list_values_ += inside.size();
    }
    if (list_values_ > k_most_values_in_all) {
      problems_.error(definition.at,
                      fmt::format("more than {} values in lists, with lists in lists "
                                  "written out",
                                  k_most_values_in_all));
      values.clear();
      break;
    }
  }
  open_lists_.pop_back();
  return lists_.emplace(&definition, std::move(values)).first->second;
}

}  // namespace gancho::rules
