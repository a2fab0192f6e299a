// SPDX-License-Identifier: Apache-2.0
#include "rules/event_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/quote.h"
#include "event/names.h"
#include "event/room.h"
#include "rules/field.h"
#include "rules/field_table.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_fields = "evt.type syscall.type";

// Of Falco's own making, of its plugins and of the 32-bit socketcall(2).
constexpr std::string_view k_of_falco =
    "container procinfo switch drop scapevent signaldeliver k8s mesos tracer notification infra "
    "cpu_hotplug page_fault pluginevent asyncevent groupadded groupdeleted useradded userdeleted "
    "sysdigevent syscall generic send recv NA";

struct Renamed {
  std::string_view falco;
  std::string_view call;
};
constexpr auto k_renamed = std::to_array<Renamed>({
    {"pread", "pread64"},
    {"pwrite", "pwrite64"},
    {"prlimit", "prlimit64"},
    {"llseek", "_llseek"},
});

const std::set<std::string_view>& words() {
  static const std::set<std::string_view> known = [] {
    const auto calls = syscall_names();
    std::set<std::string_view> made(calls.begin(), calls.end());
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events) {
        const auto names = event_aliases(event.type);
        made.insert(names.begin(), names.end());
      }
    return made;
  }();
  return known;
}

}  // namespace

bool is_event_word(std::string_view word) {
  return words().contains(as_call(word));
}

std::string_view as_call(std::string_view word) {
  const auto renamed = std::ranges::find(k_renamed, word, &Renamed::falco);
  return renamed == k_renamed.end() ? word : renamed->call;
}

bool is_event_word_of_falco(std::string_view word) {
  return is_one_of(k_of_falco, word);
}

std::vector<std::string_view> event_words() {
  return {words().begin(), words().end()};
}

bool names_events(const Condition& condition, const Comparison& comparison) {
  return is_by_value(condition, comparison) &&
         is_one_of(k_fields, condition.operands[comparison.left].name);
}

void check_event_words(const Condition& condition, Hints& hints, Problems& problems) {
  for (const Comparison& comparison : condition.comparisons) {
    if (!names_events(condition, comparison)) continue;
    for (const Value& value : condition.values_of(comparison)) {
      if (is_event_word(value.text) || is_event_word_of_falco(value.text)) continue;
      problems.warning(
          value.at, fmt::format("no event and no system call is called {}{}", in_quotes(value.text),
                                hints.did_you_mean(value.text, event_words)));
    }
  }
}

}  // namespace gancho::rules
