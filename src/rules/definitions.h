// SPDX-License-Identifier: Apache-2.0
//
// What the entries of all files amount to, in order: a later one defines anew, is appended, or
// overrides single keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/hints.h"
#include "rules/items.h"
#include "rules/problems.h"

namespace gancho::rules {

// What was defined before what: entries are counted over all files.
using Order = std::uint32_t;

struct ListDefinition {
  std::string name;
  Span at;
  std::vector<Value> items;
};

struct MacroDefinition {
  std::string name;
  Span at;
  RuleText condition;
  Order first = 0;  // defined
  Order last = 0;   // changed: it sees the macros whose `first` is before this
};

struct RuleDefinition {
  std::string name;
  Span at;
  RuleKeys keys;
};

// Definitions of one kind, in the order of their first.
template <class Definition>
class Named {
 public:
  [[nodiscard]] Definition* find(const std::string& name) {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &all_[found->second];
  }
  [[nodiscard]] const Definition* find(const std::string& name) const {
    return const_cast<Named*>(this)->find(name);
  }
  Definition& add(Definition definition) {
    places_.emplace(definition.name, all_.size());
    all_.push_back(std::move(definition));
    return all_.back();
  }
  [[nodiscard]] const std::vector<Definition>& all() const { return all_; }
  [[nodiscard]] std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const Definition& definition : all_) names.push_back(definition.name);
    return names;
  }

 private:
  std::vector<Definition> all_;
  std::unordered_map<std::string, std::size_t> places_;
};

class Definitions {
 public:
  explicit Definitions(Problems& problems) : problems_(problems) {}

  void apply(Item item);

  [[nodiscard]] const Named<ListDefinition>& lists() const { return lists_; }
  [[nodiscard]] const Named<MacroDefinition>& macros() const { return macros_; }
  [[nodiscard]] const Named<RuleDefinition>& rules() const { return rules_; }

 private:
  void apply_list(ListItem item);
  void apply_macro(MacroItem item);
  void apply_rule(RuleItem item);
  void define(RuleItem item);
  void append(RuleDefinition& rule, RuleKeys more);
  void append_exceptions(RuleDefinition& rule, std::vector<ExceptionItem> more);

  Problems& problems_;
  Hints hints_;
  Named<ListDefinition> lists_;
  Named<MacroDefinition> macros_;
  Named<RuleDefinition> rules_;
  Order count_ = 0;
};

}  // namespace gancho::rules
