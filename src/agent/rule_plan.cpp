// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "agent/child_answer.h"
#include "agent/options.h"
#include "agent/sandbox.h"
#include "agent/settings.h"
#include "base/read_file.h"
#include "event/room.h"
#include "rules/host_names.h"
#include "rules/rule_files.h"
#include "rules/typed_rules.h"
#include "rules/wanted_events.h"

namespace gancho {
namespace {

constexpr std::size_t k_passwd_max = 1U << 20;
constexpr std::size_t k_answer_max = 1U << 20;
// The rules of the world are read in some milliseconds.
constexpr std::uint64_t k_limit_ns = 10'000'000'000;

std::string printed(const rules::Loaded& loaded) {
  std::string text;
  for (const rules::Problem& problem : loaded.problems.kept())
    text += print_problem(problem, loaded.sources);
  return text;
}

// clang-format off: one line each
// The first line says how it went:
//   "rules 25 1 0 exec open syscall:mlock"  how many; the table is needed; environments are; events
//   "paths open rename"                     those whose paths are asked for
//   "hosts a.example.org b.example.org"     names that are to be looked up; remarks follow
//   "wrong"                                 followed by what is
// clang-format on
std::string answer_to(std::string_view bundle, rules::Priority min_priority) {
  auto files = rules::read_bundle(bundle);
  if (!files) return "wrong\nthe rules were not received whole\n";
  rules::Loaded loaded = rules::load_rules(std::move(*files));
  std::optional<rules::TypedRules> typed;
  if (loaded.rules) loaded.rules->keep_urgent(min_priority);
  if (loaded.rules) typed = type_rules(*loaded.rules, loaded.problems);
  if (!typed) return "wrong\n" + printed(loaded);
  std::vector<std::string> hosts = asked_host_names(*loaded.rules);
  std::string too_many;
  if (hosts.size() > rules::k_most_host_names) {
    too_many = fmt::format("{} names of hosts are compared with; the first {} are looked up\n",
                           hosts.size(), rules::k_most_host_names);
    hosts.resize(rules::k_most_host_names);
  }
  const OnDemand asked = rules::on_demand(typed->terms);
  std::string text = fmt::format("rules {} {} {} {}\npaths", typed->rules.size(),
                                 typed->terms.needs_processes ? 1 : 0, asked.environment ? 1 : 0,
                                 fmt::join(rules::wanted_events(*typed), " "));
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (asked.paths.contains(event.type)) text.append(" ").append(event.name);
  text += "\nhosts";
  for (const std::string& name : hosts) text.append(" ").append(name);
  text += '\n' + printed(loaded) + too_many;
  for (const rules::Rule& rule : loaded.rules->rules)
    if (rule.enabled && !rule.disabled.empty())
      text += fmt::format("rule {} does not run: {}\n", rule.name, rule.disabled);
  return text;
}

[[noreturn]] void answer(const std::string& bundle, rules::Priority min_priority, int out) {
  if (::geteuid() == 0) {
    const auto passwd = read_file("/etc/passwd", k_passwd_max);
    if (!enter_sandbox(choose_sandbox_user(passwd ? *passwd : std::string()))) ::_exit(2);
  }
  ::_exit(write_whole(out, answer_to(bundle, min_priority)) ? 0 : 2);
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// Said by a process that has read what others wrote: nothing is taken on trust.
Result<RulePlan> read_answer(std::string_view text, rules::Priority min_priority) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos)
    return fail(Errc::internal, "the rules could not be read: the reader came to no end");
  std::string_view line = text.substr(0, end);
  std::string rest(text.substr(end + 1));
  const std::string_view how = take_word(line);
  if (how == "wrong") {
    while (rest.ends_with('\n')) rest.pop_back();
    return fail(Errc::input, std::move(rest));
  }
  RulePlan plan;
  const std::string_view rules = take_word(line);
  const auto [stop, error] = std::from_chars(rules.data(), rules.data() + rules.size(), plan.rules);
  if (how != "rules" || error != std::errc() || stop != rules.data() + rules.size())
    return fail(Errc::internal, "the rules could not be read: the reader makes no sense");
  plan.needs_processes = take_word(line) == "1";
  plan.asks_for.environment = take_word(line) == "1";
  std::string_view lines = rest;
  std::string_view paths = take_line(lines);
  std::string_view hosts = take_line(lines);
  if (take_word(paths) != "paths" || take_word(hosts) != "hosts")
    return fail(Errc::internal, "the rules could not be read: the reader makes no sense");
  while (!paths.empty())
    if (const EventDesc* event = find_event(take_word(paths))) plan.asks_for.paths.add(event->type);
  while (!hosts.empty() && plan.hosts.size() < rules::k_most_host_names)
    if (const std::string_view name = take_word(hosts); rules::is_host_name(name))
      plan.hosts.emplace_back(name);
  plan.remarks = lines;
  AgentOptions checked;
  const Setting* const events = find_setting("events");
  events->clear(checked);
  while (!line.empty()) TRY(events->set(take_word(line), checked));
  plan.events = std::move(checked.events);
  if (plan.events.empty())
    return fail(
        Errc::input,
        plan.remarks + (min_priority == rules::Priority::debug
                            ? "none of the rules can match anything"
                            : fmt::format("none of the rules of priority {} or above can match "
                                          "anything: see alerts.min_priority",
                                          word_of(min_priority))));
  return plan;
}

}  // namespace

Result<RulePlan> plan_rules(const std::string& bundle, rules::Priority min_priority) {
  return read_answer(
      TRY(ask_child(k_limit_ns, k_answer_max, [&](int out) { answer(bundle, min_priority, out); })),
      min_priority);
}

}  // namespace gancho
