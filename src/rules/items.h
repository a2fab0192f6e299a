// SPDX-License-Identifier: Apache-2.0
//
// What stands in a rule file, entry by entry, before entries of one name are put together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/rule.h"
#include "rules/rule_text.h"

namespace gancho::rules {

struct ListItem {
  std::string name;
  Span at;
  std::vector<Value> items;
  bool append = false;
};

struct MacroItem {
  std::string name;
  Span at;
  RuleText condition;
  bool append = false;
};

// A value of an exception, or a list of them.
struct ExceptionEntry {
  bool is_list = false;
  RuleText text;
  std::vector<ExceptionEntry> entries;
  Span at;
};

struct ExceptionItem {
  std::string name;
  Span at;
  std::optional<ExceptionEntry> fields;
  std::optional<ExceptionEntry> comparisons;
  std::vector<ExceptionEntry> values;
};

enum class Change : std::uint8_t { append, replace };

// What an entry says of a rule; nullopt where it says nothing.
struct RuleKeys {
  std::optional<RuleText> condition;
  std::optional<RuleText> output;
  std::optional<std::string> description;
  std::optional<Priority> priority;
  std::optional<std::string> source;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::vector<ExceptionItem>> exceptions;
  std::optional<bool> enabled;
  std::optional<bool> warn_evttypes;
  std::optional<bool> skip_if_unknown_filter;
  std::optional<bool> capture;
  std::optional<Action> action;
  std::optional<Mode> mode;
  std::optional<std::chrono::nanoseconds> trial;
  std::optional<PacketPlace> place;
};

enum class RuleChange : std::uint8_t {
  define,  // anew, whatever there was
  append,  // condition and exceptions, to what there was
  enable,  // or disable what there was
  keys,    // as `override` says of each
};

struct RuleItem {
  std::string name;
  Span at;
  RuleChange change = RuleChange::define;
  RuleKeys keys;
  RuleKeys appended;  // RuleChange::keys: those that are appended; `keys` are replaced
};

using Item = std::variant<ListItem, MacroItem, RuleItem>;

}  // namespace gancho::rules
