// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>

#include "agent/alert_settings.h"
#include "agent/field_list.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "config.bpf.h"
#include "event/projection.h"
#include "event/room.h"

namespace gancho {
namespace {

using Words = std::vector<std::string_view>;
using Texts = std::vector<std::string>;

// The largest process id that Linux gives out (PID_MAX_LIMIT).
constexpr std::uint64_t k_pid_max = 4U << 20;
constexpr std::size_t k_path_max = 4095;
constexpr std::uint64_t k_ring_min = 4096;
constexpr std::uint64_t k_ring_max = 256U << 20;
constexpr std::uint64_t k_bulk_rings_max = 64;
constexpr std::uint64_t k_args_min = 64;
constexpr std::uint64_t k_args_max = 4096;
constexpr std::uint64_t k_processes_min = 1024;
constexpr std::uint64_t k_processes_max = 1U << 20;
// What a socket's address holds, its final NUL not counted (unix(7)).
constexpr std::size_t k_socket_path_max = 107;
constexpr std::uint64_t k_containers_min = 16;
constexpr std::uint64_t k_containers_max = 65536;
static_assert(WATCH_FILES_MAX == 1024);  // as the table below says

// `word` is one of `known`, or the error that names the nearest of them.
Status expect_word(std::string_view word, std::string_view what, const Words& known) {
  if (std::ranges::find(known, word) != known.end()) return {};
  const std::string hint = did_you_mean(word, known);
  if (!hint.empty())
    return fail(Errc::usage, fmt::format("unknown {} {}{}", what, in_quotes(word), hint));
  return fail(Errc::usage,
              fmt::format("unknown {} {}; there is {}", what, in_quotes(word), first_words(known)));
}

Result<std::uint64_t> read_ring_size(std::string_view text) {
  const std::uint64_t bytes = TRY(parse_bytes(text));
  if (bytes < k_ring_min || bytes > k_ring_max || !std::has_single_bit(bytes)) {
    return fail(Errc::usage, fmt::format("{} is not a power of two from {} to {}", text,
                                         print_bytes(k_ring_min), print_bytes(k_ring_max)));
  }
  return bytes;
}

Result<std::string> read_path(std::string_view text) {
  if (text.size() > k_path_max) {
    return fail(Errc::usage, fmt::format("a path has at most {} bytes", k_path_max));
  }
  const bool control =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (control) return fail(Errc::usage, in_quotes(text) + " holds a control character");
  return std::string(text);
}

// "syscall:mount" asks for the event "syscall" of one call.
struct CallEvent {
  std::string_view event;
  std::string_view call;
};
std::optional<CallEvent> as_call_event(std::string_view word) {
  const std::string_view name = word.substr(0, word.find(':'));
  const EventDesc* const event = find_event(name);
  if (event == nullptr || !event->by_call) return std::nullopt;
  return CallEvent{.event = name, .call = word.substr(std::min(name.size() + 1, word.size()))};
}

// "syscall:mount" of each call.
const Texts& call_event_words() {
  static const Texts words = [] {
    Texts all;
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events)
        if (event.by_call)
          for (const std::string_view call : syscall_names())
            all.push_back(fmt::format("{}:{}", event.name, call));
    return all;
  }();
  return words;
}

// Groups first, then the events by name.
Words event_words(const Texts& of_calls) {
  Words groups;
  Words names;
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      if (!event.group.empty() && std::ranges::find(groups, event.group) == groups.end())
        groups.push_back(event.group);
      if (!event.by_call) names.push_back(event.name);
    }
  }
  groups.insert(groups.end(), names.begin(), names.end());
  groups.insert(groups.end(), of_calls.begin(), of_calls.end());
  return groups;
}

// Last those of single calls.
Words all_event_words() {
  return event_words(call_event_words());
}

Words format_names() {
  return {"json", "text"};
}
Words syscall_hook_names() {
  return {"auto", "tracepoint"};
}
Words failed_exec_names() {
  return {"auto", "tracepoint"};
}
Words truth_names() {
  return {"false", "true"};
}

void clear_events(AgentOptions& options) {
  options.events.clear();
}

Status add_event(std::string_view text, AgentOptions& options) {
  if (const auto asked = as_call_event(text)) {
    if (asked->call.empty())
      return fail(Errc::usage, fmt::format("{} needs the name of a system call; write {}:mount",
                                           in_quotes(text), asked->event));
    const auto calls = syscall_names();
    TRY(expect_word(asked->call, "system call", Words(calls.begin(), calls.end())));
  } else {
    // All calls would stand in the way of what was meant.
    static const Texts any_call{"syscall:NAME"};
    TRY(expect_word(text, "event", event_words(any_call)));
  }
  if (std::ranges::find(options.events, text) != options.events.end()) {
    return fail(Errc::usage, in_quotes(text) + " is given twice");
  }
  options.events.emplace_back(text);
  return {};
}

Status set_pid(std::string_view text, AgentOptions& options) {
  const std::uint64_t pid = TRY(parse_count(text));
  if (pid > k_pid_max)
    return fail(Errc::usage, fmt::format("{} is above the largest process id, {}", pid, k_pid_max));
  options.filter.pid = static_cast<std::uint32_t>(pid);
  return {};
}

Status set_truth(std::string_view text, bool& truth) {
  if (text != "true" && text != "false") {
    return fail(Errc::usage, in_quotes(text) + " is neither true nor false");
  }
  truth = text == "true";
  return {};
}

Status set_children(std::string_view text, AgentOptions& options) {
  return set_truth(text, options.filter.children);
}

void clear_files(AgentOptions& options) {
  options.io.files.clear();
}

Status add_file(std::string_view text, AgentOptions& options) {
  std::string path = TRY(read_path(text));
  if (!path.starts_with('/')) return fail(Errc::usage, in_quotes(text) + " does not begin with /");
  std::vector<std::string>& files = options.io.files;
  if (std::ranges::find(files, path) != files.end())
    return fail(Errc::usage, in_quotes(text) + " is given twice");
  if (files.size() == WATCH_FILES_MAX)
    return fail(Errc::usage, fmt::format("{} is one too many: at most {} are watched; a directory "
                                         "stands for all beneath it",
                                         in_quotes(text), WATCH_FILES_MAX));
  files.push_back(std::move(path));
  return {};
}

void clear_rule_files(AgentOptions& options) {
  options.rules.files.clear();
}

Status add_rule_file(std::string_view text, AgentOptions& options) {
  if (text.empty()) return fail(Errc::usage, "expected a file or a folder");
  options.rules.files.push_back(TRY(read_path(text)));
  return {};
}

Words matching_names() {
  return {"first", "all"};
}

Status set_matching(std::string_view text, AgentOptions& options) {
  TRY(expect_word(text, "matching", matching_names()));
  options.rules.matching = text == "all" ? rules::Matching::all : rules::Matching::first;
  return {};
}

Status set_handed_over(std::string_view text, AgentOptions& options) {
  return set_truth(text, options.io.handed_over);
}

Status set_cgroup(std::string_view text, AgentOptions& options) {
  if (!text.empty() && !text.starts_with('/')) {
    return fail(Errc::usage,
                in_quotes(text) + " does not begin with /; write /system.slice/ssh.service");
  }
  options.filter.cgroup = TRY(read_path(text));
  return {};
}

Status set_format(std::string_view text, AgentOptions& options) {
  TRY(expect_word(text, "format", format_names()));
  options.format = text == "json" ? OutputFormat::json : OutputFormat::text;
  return {};
}

void clear_fields(AgentOptions& options) {
  options.fields.clear();
}

Words all_field_names() {
  const auto names = field_names();
  return {names.begin(), names.end()};
}

Status add_field(std::string_view text, AgentOptions& options) {
  TRY(Projection::create(std::array{text}));
  if (std::ranges::find(options.fields, text) != options.fields.end())
    return fail(Errc::usage, in_quotes(text) + " is given twice");
  if (options.fields.size() == k_fields_max)
    return fail(Errc::usage, fmt::format("more than {} fields", k_fields_max));
  options.fields.emplace_back(text);
  return {};
}

Status set_output_file(std::string_view text, AgentOptions& options) {
  if (text.empty()) return fail(Errc::usage, "no file name; write \"-\" for standard output");
  options.output_file = TRY(read_path(text));
  return {};
}

Status set_record(std::string_view text, AgentOptions& options) {
  options.record_file = TRY(read_path(text));
  return {};
}

Status set_socket(std::string_view text, AgentOptions& options) {
  if (!text.empty() && !text.starts_with('/'))
    return fail(Errc::usage, in_quotes(text) + " does not begin with /");
  if (text.size() > k_socket_path_max)
    return fail(Errc::usage,
                fmt::format("the path of a socket has at most {} bytes", k_socket_path_max));
  options.socket = TRY(read_path(text));
  return {};
}

Status set_processes(std::string_view text, AgentOptions& options) {
  const std::uint64_t count = TRY(parse_count(text));
  if (count < k_processes_min || count > k_processes_max)
    return fail(Errc::usage, fmt::format("{} is out of range: {} to {}", text, k_processes_min,
                                         k_processes_max));
  options.limits.processes = static_cast<std::uint32_t>(count);
  return {};
}

Status set_args_max(std::string_view text, AgentOptions& options) {
  const std::uint64_t bytes = TRY(parse_bytes(text));
  if (bytes < k_args_min || bytes > k_args_max) {
    return fail(Errc::usage,
                fmt::format("{} is out of range: {} to {} bytes", text, k_args_min, k_args_max));
  }
  options.limits.args_max = static_cast<std::uint32_t>(bytes);
  return {};
}

Status set_environment(std::string_view text, AgentOptions& options) {
  return set_truth(text, options.environment);
}

Status set_failed_exec(std::string_view text, AgentOptions& options) {
  TRY(expect_word(text, "way", failed_exec_names()));
  options.failed_exec_by_syscall_tracepoint = text == "tracepoint";
  return {};
}

Status set_syscall_hooks(std::string_view text, AgentOptions& options) {
  TRY(expect_word(text, "way", syscall_hook_names()));
  options.syscalls_by_tracepoint = text == "tracepoint";
  return {};
}

Status set_containers_max(std::string_view text, AgentOptions& options) {
  const std::uint64_t count = TRY(parse_count(text));
  if (count < k_containers_min || count > k_containers_max)
    return fail(Errc::usage, fmt::format("{} is out of range: {} to {}", count, k_containers_min,
                                         k_containers_max));
  options.limits.containers_max = static_cast<std::uint32_t>(count);
  return {};
}

Status set_vital_ring(std::string_view text, AgentOptions& options) {
  options.limits.vital_ring_bytes = static_cast<std::uint32_t>(TRY(read_ring_size(text)));
  return {};
}

Status set_bulk_ring(std::string_view text, AgentOptions& options) {
  options.limits.bulk_ring_bytes = static_cast<std::uint32_t>(TRY(read_ring_size(text)));
  return {};
}

Status set_bulk_count(std::string_view text, AgentOptions& options) {
  const std::uint64_t count = TRY(parse_count(text));
  if (count > k_bulk_rings_max || (count != 0 && !std::has_single_bit(count))) {
    return fail(Errc::usage, fmt::format("{} is neither 0 nor a power of two up to {}", count,
                                         k_bulk_rings_max));
  }
  options.limits.bulk_rings = static_cast<std::uint32_t>(count);
  return {};
}

Status set_nap(std::string_view text, AgentOptions& options) {
  using std::chrono::milliseconds;
  const std::chrono::nanoseconds nap = TRY(parse_duration(text));
  const auto whole = std::chrono::duration_cast<milliseconds>(nap);
  if (whole != nap || whole < milliseconds(1) || whole > milliseconds(1000)) {
    return fail(Errc::usage,
                fmt::format("{} is out of range: 1ms to 1s, in whole milliseconds", text));
  }
  options.limits.nap = whole;
  return {};
}

constexpr auto k_settings = std::to_array<Setting>({
    {.path = "events",
     .value = "EVENT",
     .meaning = "What to watch, events or groups of them such as process (gancho docs events lists "
                "them), or "
                "any system call by its name, such as syscall:mount",
     .choices = all_event_words,
     .clear = clear_events,
     .set = add_event,
     .get = [](const AgentOptions& o) { return o.events; }},
    {.path = "filter.pid",
     .value = "PID",
     .meaning = "Only this process",
     .unset = "0 for any",
     .set = set_pid,
     .get = [](const AgentOptions& o) { return Texts{fmt::format("{}", o.filter.pid)}; }},
    {.path = "filter.children",
     .value = "true|false",
     .meaning = "With the pid: its descendants too, also those whose parents have died",
     .choices = truth_names,
     .set = set_children,
     .get = [](const AgentOptions& o) { return Texts{o.filter.children ? "true" : "false"}; }},
    {.path = "filter.cgroup",
     .value = "PATH",
     .meaning = "Only what runs in this cgroup or below it, such as /system.slice/ssh.service or "
                "/sys/fs/cgroup/user.slice",
     .unset = "empty for any",
     .set = set_cgroup,
     .get = [](const AgentOptions& o) { return Texts{o.filter.cgroup}; }},
    {.path = "io.files",
     .value = "PATH",
     .meaning = "Files, there already or not, and directories for all beneath them on their file "
                "system; at most 1024",
     .unset = "empty for none",
     .clear = clear_files,
     .set = add_file,
     .get = [](const AgentOptions& o) { return o.io.files; }},
    {.path = "io.handed_over",
     .value = "true|false",
     .meaning = "Also by descriptors of files, block devices and sockets that a program has "
                "inherited when it was executed, or received from another process; so always when "
                "there are no files",
     .choices = truth_names,
     .set = set_handed_over,
     .get = [](const AgentOptions& o) { return Texts{o.io.handed_over ? "true" : "false"}; }},
    {.path = "rules.files",
     .value = "FILE",
     .meaning = "Rule files, or folders of them; later ones add to and change what earlier ones "
                "define. With rules, the events are those that they ask for, and alerts are shown",
     .unset = "empty for no rules",
     .clear = clear_rule_files,
     .set = add_rule_file,
     .get = [](const AgentOptions& o) { return o.rules.files; }},
    {.path = "rules.matching",
     .value = "first|all",
     .meaning = "Of several rules that match an event, in the order of the files, which fire",
     .choices = matching_names,
     .set = set_matching,
     .get =
         [](const AgentOptions& o) {
           return Texts{o.rules.matching == rules::Matching::all ? "all" : "first"};
         }},
    {.path = "output.format",
     .value = "json|text",
     .meaning = "One JSON object a line for machines, or one line of text for people",
     .choices = format_names,
     .set = set_format,
     .get =
         [](const AgentOptions& o) {
           return Texts{o.format == OutputFormat::json ? "json" : "text"};
         }},
    {.path = "output.fields",
     .value = "FIELD,...",
     .meaning = "Only these fields of each event, in this order (gancho docs events lists them)",
     .unset = "empty for all",
     .choices = all_field_names,
     .clear = clear_fields,
     .set = add_field,
     .get = [](const AgentOptions& o) { return o.fields; }},
    {.path = "output.file",
     .value = "FILE",
     .meaning =
         "Where events go: \"-\" for standard output, or a file that is appended to and opened "
         "again on SIGHUP",
     .set = set_output_file,
     .get =
         [](const AgentOptions& o) { return Texts{o.output_file.empty() ? "-" : o.output_file}; }},
    {.path = "record",
     .value = "FILE",
     .meaning = "Also record all that is seen in this file, for gancho replay",
     .unset = "empty for no recording",
     .set = set_record,
     .get = [](const AgentOptions& o) { return Texts{o.record_file}; }},
    {.path = "socket",
     .value = "FILE",
     .meaning = "Where root's clients, such as gancho ps, are answered",
     .unset = "empty for nowhere",
     .set = set_socket,
     .get = [](const AgentOptions& o) { return Texts{o.socket}; }},
    {.path = "process.args_max",
     .value = "SIZE",
     .meaning =
         "Bytes of a program's arguments in a record, and as many of its environment, 64 to 4096; "
         "the rest is cut off and marked",
     .set = set_args_max,
     .get = [](const AgentOptions& o) { return Texts{fmt::format("{}", o.limits.args_max)}; }},
    {.path = "process.environment",
     .value = "true|false",
     .meaning =
         "Read the environment of every program, for a recording that rules are to be tried "
         "on: it may hold secrets; otherwise when a rule, a condition or a field asks for it",
     .set = set_environment,
     .get = [](const AgentOptions& o) { return Texts{o.environment ? "true" : "false"}; }},
    {.path = "process.failed_exec",
     .value = "auto|tracepoint",
     .meaning =
         "How attempts to execute that fail are seen: with auto, where the kernel offers it "
         "cheaply; with tracepoint, everywhere, and every system call of the machine takes longer",
     .choices = failed_exec_names,
     .set = set_failed_exec,
     .get =
         [](const AgentOptions& o) {
           return Texts{o.failed_exec_by_syscall_tracepoint ? "tracepoint" : "auto"};
         }},
    {.path = "process.table",
     .value = "N",
     .meaning =
         "How many processes the process table knows, ended ones included: 1024 to 1048576; about "
         "700 bytes each, 1 KiB more where environments are asked for",
     .set = set_processes,
     .get = [](const AgentOptions& o) { return Texts{fmt::format("{}", o.limits.processes)}; }},
    {.path = "syscalls.hooks",
     .value = "auto|tracepoint",
     .meaning =
         "Where the events of system calls come from: with auto, the best that the kernel offers; "
         "with tracepoint, the tracepoints of all system calls also where there is better: less is "
         "seen, and every system call of the machine takes longer",
     .choices = syscall_hook_names,
     .set = set_syscall_hooks,
     .get =
         [](const AgentOptions& o) {
           return Texts{o.syscalls_by_tracepoint ? "tracepoint" : "auto"};
         }},
    {.path = "containers.max",
     .value = "N",
     .meaning = "Containers, their nested cgroups counted, that are told apart at a time, 16 to "
                "65536; 160 bytes each",
     .set = set_containers_max,
     .get =
         [](const AgentOptions& o) { return Texts{fmt::format("{}", o.limits.containers_max)}; }},
    {.path = "rings.vital",
     .value = "SIZE",
     .meaning = "Ring for what must not be lost in a flood (exec, fork, exit): a power of two, "
                "4KiB to 256MiB",
     .set = set_vital_ring,
     .get = [](const AgentOptions& o) { return Texts{print_bytes(o.limits.vital_ring_bytes)}; }},
    {.path = "rings.bulk",
     .value = "SIZE",
     .meaning = "Each ring for all other events: a power of two, 4KiB to 256MiB",
     .set = set_bulk_ring,
     .get = [](const AgentOptions& o) { return Texts{print_bytes(o.limits.bulk_ring_bytes)}; }},
    {.path = "rings.bulk_count",
     .value = "N",
     .meaning = "How many of those: a power of two up to 64",
     .unset = "0 for one a CPU, at most 8",
     .set = set_bulk_count,
     .get = [](const AgentOptions& o) { return Texts{fmt::format("{}", o.limits.bulk_rings)}; }},
    {.path = "nap",
     .value = "TIME",
     .meaning =
         "Longest wait until an event is shown while events keep coming, 1ms to 1s; longer costs "
         "less CPU time",
     .set = set_nap,
     .get = [](const AgentOptions& o) { return Texts{print_duration(o.limits.nap)}; }},
});

constexpr auto k_sections = std::to_array<Section>({
    {"filter", "Decided in the kernel, before anything is collected; all that are set must hold"},
    {"io", "Which files the events read and write are told of"},
    {"rules", "What is to be told of, and said about it"},
    {"output", "Where events go, and how they are written"},
    {"process", "What is collected about processes"},
    {"syscalls", "How system calls are seen"},
    {"containers", "What is known of the containers that processes run in"},
    {"rings", "Memory between the kernel and the agent, taken whole at the start"},
});

}  // namespace

// Those of the run first, then those of alerts.
std::span<const Setting> settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> table(k_settings.begin(), k_settings.end());
    table.insert(table.end(), alert_settings().begin(), alert_settings().end());
    return table;
  }();
  return all;
}
std::span<const Section> sections() {
  static const std::vector<Section> all = [] {
    std::vector<Section> table(k_sections.begin(), k_sections.end());
    table.insert(table.end(), alert_sections().begin(), alert_sections().end());
    return table;
  }();
  return all;
}

const Setting* find_setting(std::string_view path) {
  const auto found = std::ranges::find(settings(), path, &Setting::path);
  return found == settings().end() ? nullptr : &*found;
}

std::vector<std::string> calls_of(const AgentOptions& options) {
  Texts calls;
  for (const std::string& word : options.events)
    if (const auto asked = as_call_event(word)) calls.emplace_back(asked->call);
  return calls;
}

EventSet events_of(const AgentOptions& options) {
  EventSet events;
  for (const std::string& word : options.events) {
    const auto asked = as_call_event(word);
    events.add(events_named(asked ? asked->event : word));
  }
  return events;
}

OnDemand on_demand(const AgentOptions& options) {
  OnDemand asked = options.asks_for;
  asked.environment = asked.environment || options.environment;
  const bool events_are_shown = options.rules.files.empty();
  const bool every_field = events_are_shown && options.fields.empty();
  if (every_field || !options.record_file.empty()) asked.paths = EventSet::all();
  if (events_are_shown && !every_field)
    asked.add(FieldList::of(options.fields).projection().on_demand());
  return asked;
}

std::optional<Conflict> find_conflict(const AgentOptions& options) {
  if (options.filter.children && options.filter.pid == 0) {
    return Conflict{"filter.children", " needs ", "filter.pid"};
  }
  const EventSet events = events_of(options);
  if (options.rules.files.empty() && (!options.io.files.empty() || options.io.handed_over) &&
      !events.intersects(events_named("io"))) {
    return Conflict{options.io.files.empty() ? "io.handed_over" : "io.files",
                    " needs read or write among the ", "events"};
  }
  if (!options.record_file.empty() && options.record_file == options.output_file) {
    return Conflict{"record", " is the same file as ", "output.file"};
  }
  if (!options.alerts.file.path.empty() && options.alerts.file.path == options.output_file) {
    return Conflict{"alert_file.path", " is the same file as ", "output.file"};
  }
  return std::nullopt;
}

}  // namespace gancho
