// SPDX-License-Identifier: Apache-2.0
#include "load/hooks_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "load/signals.h"
#include "load/tested_kernels.h"

namespace gancho {
namespace {

constexpr std::string_view k_top =
    "# Hooks\n"
    "\n"
    "<!-- Made from the rooms' tables: gancho docs hooks > docs/hooks.md -->\n"
    "\n"
    "Where each event comes from, and what can be had of it on which kernel: Debian's 6.1 and 6.12 "
    "as "
    "they are, and a *bare*\n"
    "kernel, which has neither kprobes nor BPF trampolines (fentry, fexit). On all three the tests "
    "hold what is said here to\n"
    "what the agent finds; `gancho check` tells of the kernel that runs. Fields are described in "
    "[events.md](events.md).\n"
    "\n"
    "- *Entries*: by the table of 64-bit or of 32-bit system calls, by an io_uring, by the kernel "
    "itself, which nobody has\n"
    "  called, or by the agent's visit.\n"
    "- *Phase*: *before*, when a function is hooked where the kernel asks whether it may, so that "
    "the "
    "operation could be refused\n"
    "  there; *after*, with its result. Gancho refuses nothing yet.\n"
    "- *Hooks*, the best first; the first that a kernel has is taken. `probe` and `retprobe` are "
    "at "
    "the entry and at the return of\n"
    "  a function, kprobe.multi where there is one, else a kprobe each; `syscall` is both at the "
    "call's "
    "function of every table,\n"
    "  `retsyscall` its return alone.\n"
    "- *By tracepoint*: from `sys_enter` and `sys_exit`, the tracepoints of all system calls "
    "(`syscalls.hooks: tracepoint` takes\n"
    "  them on any kernel). Then a name or an address is read from the caller's memory "
    "(`evt.arg.user_memory`), what the kernel\n"
    "  found by a name is not known; requests of an io_uring come from its own tracepoints; and "
    "while such an event is asked for,\n"
    "  *every* system call of the machine takes longer ([performance.md](performance.md)).\n"
    "\n";

constexpr auto k_entry_names = std::to_array<std::pair<std::uint8_t, std::string_view>>({
    {entry::call64, "64-bit"},
    {entry::call32, "32-bit"},
    {entry::io_uring, "io_uring"},
    {entry::kernel, "kernel"},
    {entry::visit, "visit"},
});

std::string entries(const OperationDesc& operation) {
  std::vector<std::string_view> names;
  for (const auto& [bit, name] : k_entry_names)
    if ((operation.entries & bit) != 0) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string_view phase(const OperationDesc& operation) {
  return operation.refusable.empty() ? "after" : "before, after";
}

// A program's name without its kind: what a kernel function, tracepoint or call is called.
std::string_view target(std::string_view program) {
  return program.substr(program.find("__") + 2);
}

// "fexit `do_filp_open`, `do_sys_openat2`; probe `io_openat2`"
std::string in_words(std::span<const std::string_view> programs) {
  std::string text;
  std::string_view last;
  for (const std::string_view program : programs) {
    const std::string_view kind = program.substr(0, program.find("__"));
    if (kind == last) {
      fmt::format_to(std::back_inserter(text), ", `{}`", target(program));
    } else {
      fmt::format_to(std::back_inserter(text), "{}{} `{}`", text.empty() ? "" : "; ", kind,
                     target(program));
    }
    last = kind;
  }
  return text;
}

std::string in_words(const HookCandidate& candidate) {
  std::string text = in_words(candidate.programs);
  if (!candidate.helpful.empty()) text += "; where there: " + in_words(candidate.helpful);
  if (candidate.on_request) text += "; only when asked for";
  return text;
}

SignalChoice choice_on(TestedKernel kernel, const SignalDesc& signal) {
  return std::move(choose({&signal, 1}, available_on(kernel), {}).front());
}

// What a kernel makes of one of a signal's candidates.
std::string cell(const SignalChoice& choice, const HookCandidate& candidate) {
  if (choice.chosen == &candidate) {
    if (choice.absent.empty()) return "yes";
    std::vector<std::string_view> absent;
    for (const Refusal& refusal : choice.absent) absent.push_back(refusal.name);
    return fmt::format("yes, without {}", in_words(absent));
  }
  if (choice.chosen != nullptr && choice.chosen < &candidate) return "not needed";
  return candidate.on_request ? "if asked for" : "no";
}

void put_signal(std::string& page, const SignalDesc& signal) {
  std::vector<SignalChoice> choices;
  for (const TestedKernel kernel : tested_kernels()) choices.push_back(choice_on(kernel, signal));
  std::string name = fmt::format(" `{}`", signal.name);
  for (const HookCandidate& candidate : signal.candidates) {
    fmt::format_to(std::back_inserter(page), "|{} | {} |", name, in_words(candidate));
    for (const SignalChoice& choice : choices)
      fmt::format_to(std::back_inserter(page), " {} |", cell(choice, candidate));
    page += '\n';
    name.clear();
  }
  if (std::ranges::all_of(choices, &SignalChoice::complete)) return;
  page += "| | *lost* |";
  for (const SignalChoice& choice : choices)
    fmt::format_to(std::back_inserter(page), "{}{} |", choice.lost.empty() ? "" : " ", choice.lost);
  page += '\n';
}

void put_signals(std::string& page, std::span<const SignalDesc* const> signals) {
  page += "| signal | hooks |";
  for (const TestedKernel kernel : tested_kernels())
    fmt::format_to(std::back_inserter(page), " {} |", short_name(kernel));
  page += "\n|---|---|---|---|---|\n";
  for (const SignalDesc* signal : signals) put_signal(page, *signal);
  page += '\n';
}

std::string_view seen_on(TestedKernel kernel, std::uint16_t event,
                         std::span<const SignalDesc* const> signals) {
  bool complete = true;
  bool some = false;
  bool on_every_call = false;
  for (const SignalDesc* signal : signals) {
    const SignalChoice choice = choice_on(kernel, *signal);
    if (signal->whole && signal->serves.contains(event) && choice.chosen == nullptr) return "no";
    some = some || choice.chosen != nullptr;
    on_every_call = on_every_call || (choice.chosen != nullptr && choice.chosen->on_every_call);
    complete = complete && choice.complete();
  }
  if (!some) return "no";
  if (on_every_call) return "by tracepoint";
  return complete ? "yes" : "in part";
}

void put_overview(std::string& page, const Room& room) {
  page += "| event | comes by | entries | phase |";
  for (const TestedKernel kernel : tested_kernels())
    fmt::format_to(std::back_inserter(page), " {} |", short_name(kernel));
  page += "\n|---|---|---|---|---|---|---|\n";
  for (const OperationDesc& operation : room.operations) {
    const std::string_view name = find_event(operation.event)->name;
    fmt::format_to(std::back_inserter(page), "| [{0}](#{0}) | {1} | {2} | {3} |", name,
                   operation.calls, entries(operation), phase(operation));
    const auto signals = signals_of(room, operation);
    for (const TestedKernel kernel : tested_kernels())
      fmt::format_to(std::back_inserter(page), " {} |", seen_on(kernel, operation.event, signals));
    page += '\n';
  }
  page += '\n';
}

void put_operation(std::string& page, const Room& room, const OperationDesc& operation) {
  fmt::format_to(std::back_inserter(page), "### {}\n\n", find_event(operation.event)->name);
  if (!operation.refusable.empty()) {
    fmt::format_to(std::back_inserter(page), "- Before: `{}`{}{}.\n", operation.refusable,
                   operation.refusable_of.empty() ? "" : ", of ", operation.refusable_of);
  }
  fmt::format_to(std::back_inserter(page), "- Read from: {}.\n", operation.source);
  if (!operation.missed.empty())
    fmt::format_to(std::back_inserter(page), "- Missed: {}.\n", operation.missed);
  page += '\n';
  put_signals(page, signals_of(room, operation));
}

bool names(const OperationDesc& operation, const SignalDesc& signal) {
  return std::ranges::find(operation.signals, signal.name) != operation.signals.end();
}

// What is taken whatever is asked for, and is no event's own.
std::vector<const SignalDesc*> common_signals(const Room& room) {
  std::vector<const SignalDesc*> common;
  for (const SignalDesc& signal : room.signals) {
    const bool named = std::ranges::any_of(
        room.operations, [&](const OperationDesc& operation) { return names(operation, signal); });
    if (signal.serves.empty() && !named) common.push_back(&signal);
  }
  return common;
}

}  // namespace

std::vector<const SignalDesc*> signals_of(const Room& room, const OperationDesc& operation) {
  std::vector<const SignalDesc*> signals;
  for (const SignalDesc& signal : room.signals) {
    if (signal.serves.contains(operation.event) || names(operation, signal))
      signals.push_back(&signal);
  }
  return signals;
}

std::string hooks_page() {
  std::string page(k_top);
  for (const Room* room : rooms()) {
    fmt::format_to(std::back_inserter(page), "## Subsystem {}\n\n", room->name);
    put_overview(page, *room);
    if (!room->missed.empty())
      fmt::format_to(std::back_inserter(page), "No event tells: {}.\n\n", room->missed);
    if (const auto common = common_signals(*room); !common.empty()) {
      page += "Taken whatever is asked for:\n\n";
      put_signals(page, common);
    }
    for (const OperationDesc& operation : room->operations) put_operation(page, *room, operation);
  }
  while (page.ends_with("\n\n")) page.pop_back();
  return page;
}

}  // namespace gancho
