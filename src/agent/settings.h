// SPDX-License-Identifier: Apache-2.0
//
// Every setting of a run, once: its key, what it means, how its text is read and written. The
// configuration file, the command line, the reference page and completion are all made from this
// table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/options.h"
#include "base/result.h"
#include "event/event_set.h"

namespace gancho {

struct Setting {
  std::string_view path;     // "output.format": a section's name, a dot, a key; or a key alone
  std::string_view value;    // how help calls its value: "SIZE"
  std::string_view meaning;  // for people, units and range included; no trailing dot
  std::string_view unset{};  // what the default stands for when it is 0 or empty: "0 for any"
  // The words that it takes; null when it takes anything else.
  std::vector<std::string_view> (*choices)() = nullptr;
  // Empties a list, whose elements are then set one by one; null when the setting is no list.
  void (*clear)(AgentOptions& options) = nullptr;
  // On error says what was wrong with the text, not where it stood; `options` is then as before.
  Status (*set)(std::string_view text, AgentOptions& options);
  // As set() reads it; one element unless it is a list.
  std::vector<std::string> (*get)(const AgentOptions& options);
};

struct Section {
  std::string_view name;
  std::string_view meaning;
};

// In the order in which they are shown; the settings of a section stand together.
[[nodiscard]] std::span<const Setting> settings();
[[nodiscard]] std::span<const Section> sections();

// nullptr when there is none.
[[nodiscard]] const Setting* find_setting(std::string_view path);

// What `events` stands for. Of "syscall:mount": the event, and the name of the call.
[[nodiscard]] EventSet events_of(const AgentOptions& options);
[[nodiscard]] std::vector<std::string> calls_of(const AgentOptions& options);

// What whatever is shown, recorded and judged takes.
[[nodiscard]] OnDemand on_demand(const AgentOptions& options);

// Two settings that cannot stand together, as a sentence: first + " needs " + second.
struct Conflict {
  std::string_view first;  // paths
  std::string_view relation;
  std::string_view second;
};
[[nodiscard]] std::optional<Conflict> find_conflict(const AgentOptions& options);

}  // namespace gancho
