// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "cli/columns.h"
#include "cli/recorded_machine.h"
#include "event/room.h"
#include "rules/alert_renderer.h"
#include "rules/evaluate.h"
#include "rules/rule_evaluator.h"
#include "rules/wanted_events.h"
#include "sinks/options.h"
#include "sinks/redact.h"

namespace gancho {
namespace {

constexpr std::size_t k_put_at = 64 * 1024;            // bytes rendered
constexpr std::uint64_t k_progress_every = 1U << 14U;  // events

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Of the rules, the one that fired most often first, else as they stand in the files.
std::vector<rules::Index> by_alerts(const PolicyReplay& replay) {
  std::vector<rules::Index> order;
  while (order.size() < replay.fired.size())
    order.push_back(static_cast<rules::Index>(order.size()));
  std::ranges::sort(order, {}, [&](rules::Index rule) {
    return std::pair(UINT64_MAX - replay.fired[rule], rule);
  });
  return order;
}

// "the recording has no open, rename", when that is why a rule did not fire; or "".
std::string what_lacks(const PolicyReplay& replay, const rules::TypedRule& rule) {
  const EventSet types = event_types(rule.logic);
  std::string names;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      // A call by its name could be any, and is asked for when no event tells of it.
      if (!types.contains(event.type) || event.by_call) continue;
      if (replay.seen.contains(event.type)) return "";
      names.append(names.empty() ? "" : ", ").append(event.name);
    }
  return names.empty() ? "" : "the recording has no " + names;
}

bool lacks_environments(const PolicyReplay& replay, const rules::TypedRules& rules) {
  return on_demand(rules.terms).environment && !replay.environments;
}

}  // namespace

Result<PolicyReplay> replay_policy(const Recording& recording, const rules::TypedRules& rules,
                                   const PolicyReplayOptions& options,
                                   const std::function<Status(std::string_view lines)>& put) {
  const Redactor redactor = TRY(Redactor::create(AlertOptions{}.redact));
  std::string redacted;
  RecordedMachine machine(recording.info());
  rules::RuleEvaluator evaluator(rules, options.matching, machine.facts());
  rules::AlertRenderer renderer(recording.info().host, recording.info().clock, false,
                                without_secrets(redactor, redacted));

  PolicyReplay made;
  made.fired.resize(rules.rules.size());
  ByteBuffer out;
  Recording::Item item;
  for (auto cursor = recording.items(); cursor.next(item);) {
    const auto event = TRY(machine.take(item));
    if (item.kind == Recording::Kind::clock) renderer.set_clock(item.clock);
    if (item.kind == Recording::Kind::loss) made.lost += item.loss.count;
    if (!event) continue;
    made.seen.add(event->header().type);
    if (++made.events % k_progress_every == 0 && options.progress) options.progress(made.events);
    for (const rules::Index fired : evaluator.evaluate(*event)) {
      ++made.fired[fired];
      ++made.alerts;
      renderer.render(evaluator.rules().rules[fired], *event, evaluator.values());
      out.append(options.json ? renderer.json() : renderer.text());
      out.append('\n');
    }
    if (out.size() < k_put_at) continue;
    TRY(put(out.view()));
    out.clear();
  }
  if (!out.empty()) TRY(put(out.view()));
  made.environments = machine.environments();
  return made;
}

std::string policy_replay_text(const PolicyReplay& replay, const rules::TypedRules& rules) {
  std::string out;
  if (replay.alerts != 0) out += "\n";
  fmt::format_to(std::back_inserter(out), "{}, {}", counted(replay.events, "event"),
                 counted(replay.alerts, "alert"));
  if (replay.lost != 0)
    fmt::format_to(std::back_inserter(out), "; {} are missing from the recording",
                   counted(replay.lost, "event"));
  out += "\n";
  if (lacks_environments(replay, rules))
    out += "the recording has no environments, which rules ask for: record with --environment\n";
  std::vector<rules::Index> never;
  for (const rules::Index rule : by_alerts(replay)) {
    if (replay.fired[rule] == 0)
      never.push_back(rule);
    else
      fmt::format_to(std::back_inserter(out), "{:>8}  {}\n", replay.fired[rule],
                     harmless(rules.rules[rule].name));
  }
  if (!never.empty()) {
    fmt::format_to(std::back_inserter(out), "{} never fired:\n", counted(never.size(), "rule"));
    for (const rules::Index rule : never) {
      const std::string lacks = what_lacks(replay, rules.rules[rule]);
      fmt::format_to(std::back_inserter(out), "  {}{}{}\n", harmless(rules.rules[rule].name),
                     lacks.empty() ? "" : ": ", lacks);
    }
  }
  return out;
}

std::string policy_replay_json(const PolicyReplay& replay, const rules::TypedRules& rules) {
  boost::json::array fired;
  boost::json::array never;
  boost::json::array not_recorded;
  for (const rules::Index rule : by_alerts(replay)) {
    const std::string& name = rules.rules[rule].name;
    if (replay.fired[rule] == 0) {
      never.emplace_back(name);
      if (!what_lacks(replay, rules.rules[rule]).empty()) not_recorded.emplace_back(name);
    } else {
      fired.push_back(boost::json::object{{"rule", name}, {"alerts", replay.fired[rule]}});
    }
  }
  const boost::json::object line{{"events", replay.events},
                                 {"lost", replay.lost},
                                 {"alerts", replay.alerts},
                                 {"fired", std::move(fired)},
                                 {"never_fired", std::move(never)},
                                 {"events_not_recorded", std::move(not_recorded)},
                                 {"environments_missing", lacks_environments(replay, rules)}};
  return boost::json::serialize(line) + "\n";
}

}  // namespace gancho
