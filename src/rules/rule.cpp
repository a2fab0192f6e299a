// SPDX-License-Identifier: Apache-2.0
#include "rules/rule.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace gancho::rules {
namespace {

// In the order of the enumerations.
constexpr auto k_priorities = std::to_array<std::string_view>(
    {"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"});
constexpr auto k_actions =
    std::to_array<std::string_view>({"alert", "deny", "kill", "drop", "limit", "mark"});
constexpr auto k_modes = std::to_array<std::string_view>({"audit", "trial", "enforce"});
constexpr auto k_hooks =
    std::to_array<std::string_view>({"", "xdp", "tc-ingress", "tc-egress", "netfilter"});

template <class Id, class Table>
std::optional<Id> find_word(const Table& table, std::string_view word) {
  const auto found = std::ranges::find(table, word);
  if (word.empty() || found == table.end()) return std::nullopt;
  return static_cast<Id>(found - table.begin());
}

}  // namespace

std::string_view word_of(Priority priority) {
  return k_priorities[static_cast<std::size_t>(priority)];
}

std::optional<Priority> find_priority(std::string_view word) {
  const std::string low = lowered(word);
  if (low == "info") return Priority::informational;
  for (std::size_t i = 0; i < k_priorities.size(); ++i)
    if (lowered(k_priorities[i]) == low) return static_cast<Priority>(i);
  return std::nullopt;
}

std::vector<std::string_view> priority_words() {
  return {k_priorities.begin(), k_priorities.end()};
}

std::string_view word_of(Action action) {
  return k_actions[static_cast<std::size_t>(action)];
}

std::optional<Action> find_action(std::string_view word) {
  return find_word<Action>(k_actions, word);
}

std::vector<std::string_view> action_words() {
  return {k_actions.begin(), k_actions.end()};
}

std::string_view word_of(Mode mode) {
  return k_modes[static_cast<std::size_t>(mode)];
}

std::optional<Mode> find_mode(std::string_view word) {
  return find_word<Mode>(k_modes, word);
}

std::string_view word_of(PacketHook hook) {
  return k_hooks[static_cast<std::size_t>(hook)];
}

std::optional<PacketHook> find_packet_hook(std::string_view word) {
  return find_word<PacketHook>(k_hooks, word);
}

std::vector<std::string_view> packet_hook_words() {
  return {k_hooks.begin() + 1, k_hooks.end()};
}

}  // namespace gancho::rules
