// SPDX-License-Identifier: Apache-2.0
//
// A rule in its typed form: lists, macros and exceptions are written out in its condition.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/output.h"

namespace gancho::rules {

enum class Priority : std::uint8_t {
  emergency,
  alert,
  critical,
  error,
  warning,
  notice,
  informational,
  debug,
};

// What is done when a rule fires; keys of ours, which Falco does not have.
enum class Action : std::uint8_t { alert, deny, kill, drop, limit, mark };
enum class Mode : std::uint8_t {
  audit,    // counts and reports what would have happened
  trial,    // enforces for a while, then falls back to audit unless it is confirmed
  enforce,  // stays
};
enum class PacketHook : std::uint8_t { none, xdp, tc_ingress, tc_egress, netfilter };

// Of Rule::at: "xdp eth0".
struct PacketPlace {
  PacketHook hook = PacketHook::none;
  std::string interface;  // "" for all
};

struct Rule {
  std::string name;
  std::string description;
  Condition condition;
  Output output;
  Priority priority = Priority::debug;
  std::string source = "syscall";
  std::vector<std::string> tags;  // each once, in the order of the file
  bool enabled = true;            // as the files say
  bool warn_evttypes = true;
  bool capture = false;
  Action action = Action::alert;
  Mode mode = Mode::audit;
  std::optional<std::chrono::nanoseconds> trial;
  PacketPlace place;
  // Why it does not run although it is enabled; "" when it does.
  std::string disabled;
  Span at;  // of its name, where it was defined first

  [[nodiscard]] bool runs() const { return enabled && disabled.empty(); }
};

struct RuleSet {
  std::vector<Rule> rules;  // in the order of their first definition
  std::size_t macros = 0;
  std::size_t lists = 0;

  // Without the rules that are less urgent: they are as if they were not there.
  void keep_urgent(Priority least) {
    std::erase_if(rules, [least](const Rule& rule) { return rule.priority > least; });
  }
};

// "Warning"
[[nodiscard]] std::string_view word_of(Priority priority);
// Letter case does not count; "info" is informational.
[[nodiscard]] std::optional<Priority> find_priority(std::string_view word);
[[nodiscard]] std::vector<std::string_view> priority_words();

[[nodiscard]] std::string_view word_of(Action action);
[[nodiscard]] std::optional<Action> find_action(std::string_view word);
[[nodiscard]] std::vector<std::string_view> action_words();

[[nodiscard]] std::string_view word_of(Mode mode);
[[nodiscard]] std::optional<Mode> find_mode(std::string_view word);

[[nodiscard]] std::string_view word_of(PacketHook hook);
[[nodiscard]] std::optional<PacketHook> find_packet_hook(std::string_view word);
[[nodiscard]] std::vector<std::string_view> packet_hook_words();

}  // namespace gancho::rules
