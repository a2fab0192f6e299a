// SPDX-License-Identifier: Apache-2.0
#include "agent/hook_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "event/room.h"
#include "load/hook_kind.h"

namespace gancho {
namespace {

bool serves(const SignalDesc& signal, const EventSet& events, const EventSet& table) {
  return signal.serves.empty() || signal.serves.intersects(events) ||
         (!signal.changes_nothing && signal.serves.intersects(table));
}

}  // namespace

std::vector<std::string_view> HookPlan::programs(const EventSet& events,
                                                 const EventSet& table) const {
  std::vector<std::string_view> programs;
  for (const SignalChoice& choice : choices_) {
    if (!serves(*choice.signal, events, table)) continue;
    for (const std::string_view program : choice.programs)
      if (std::ranges::find(programs, program) == programs.end()) programs.push_back(program);
  }
  return programs;
}

EventSet HookPlan::absent(const EventSet& events) const {
  EventSet absent;
  for (const SignalChoice& choice : choices_)
    if (choice.signal->whole && choice.chosen == nullptr) absent.add(choice.signal->serves);
  return absent & events;
}

EventSet HookPlan::on_every_call() const {
  EventSet events;
  for (const SignalChoice& choice : choices_)
    if (choice.chosen != nullptr && choice.chosen->on_every_call) events.add(choice.signal->serves);
  return events;
}

std::vector<std::string_view> HookPlan::task_iterators() const {
  std::vector<std::string_view> programs = this->programs(EventSet::all(), {});
  std::erase_if(programs, [](std::string_view program) {
    const auto name = parse_program_name(program);
    return !name || name->target != "task" ||
           (name->kind != HookKind::iter && name->kind != HookKind::iter_sleepable);
  });
  return programs;
}

std::vector<std::string> HookPlan::losses(const EventSet& events, const EventSet& table) const {
  std::vector<std::string> lines;
  for (const SignalChoice& choice : choices_) {
    if (choice.complete() || !serves(*choice.signal, events, table)) continue;
    const bool dear = choice.chosen != nullptr && choice.chosen->on_every_call;
    std::string line =
        fmt::format("{}: {}", dear ? "from tracepoints on every system call" : "not on this kernel",
                    choice.lost);
    if (!choice.refused.empty()) {
      const Refusal& refusal = choice.refused.front();
      line += fmt::format(" ({})", refusal.cause.empty() ? refusal.why : refusal.cause);
      if (!choice.remedy.empty()) line += fmt::format("; {}", choice.remedy);
    } else if (!dear && !choice.remedy.empty()) {
      line += fmt::format("; {}", choice.remedy);
    }
    // What is lost is often the same of many.
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  return lines;
}

Result<HookPlan> plan_hooks(KernelProbe& probe, const AgentOptions& options) {
  std::vector<std::string_view> requested;
  if (options.failed_exec_by_syscall_tracepoint) requested.emplace_back("exec.failure");
  const EveryCall every_call =
      options.syscalls_by_tracepoint ? EveryCall::first : EveryCall::in_turn;
  const Available available = [&](std::string_view program) {
    Result<Availability> found = probe.available(program);
    return found ? std::move(*found)
                 : Availability{.works = false, .why = found.error().message, .remedy = ""};
  };
  std::vector<SignalChoice> choices;
  for (const Room* room : rooms())
    std::ranges::move(choose(room->signals, available, requested, every_call),
                      std::back_inserter(choices));
  for (const SignalChoice& choice : choices) {
    if (choice.signal->optional || choice.chosen != nullptr) continue;
    const std::string why =
        choice.refused.empty() ? "" : fmt::format(" ({})", choice.refused.front().why);
    return fail(Errc::unsupported, fmt::format("this kernel does not offer {}{}; {}",
                                               choice.signal->meaning, why, choice.remedy));
  }
  return HookPlan(std::move(choices));
}

}  // namespace gancho
