// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_plan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

#include "agent/options.h"
#include "agent/sandbox.h"
#include "agent/settings.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/read_file.h"
#include "event/room.h"
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

// The first line says how it went:
//   "rules 25 1 exec open syscall:mlock"   how many, whether the table is needed, events
//   "paths open rename"                    those whose paths are asked for; remarks follow
//   "wrong"                                followed by what is
std::string answer_to(std::string_view bundle) {
  auto files = rules::read_bundle(bundle);
  if (!files) return "wrong\nthe rules were not received whole\n";
  rules::Loaded loaded = rules::load_rules(std::move(*files));
  std::optional<rules::TypedRules> typed;
  if (loaded.rules) typed = type_rules(*loaded.rules, loaded.problems);
  if (!typed) return "wrong\n" + printed(loaded);
  std::string text = fmt::format("rules {} {} {}\npaths", typed->rules.size(),
                                 typed->terms.needs_processes ? 1 : 0,
                                 fmt::join(rules::wanted_events(*typed), " "));
  const EventSet paths = rules::events_with_paths(typed->terms);
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (paths.contains(event.type)) text.append(" ").append(event.name);
  text += '\n' + printed(loaded);
  for (const rules::Rule& rule : loaded.rules->rules)
    if (rule.enabled && !rule.disabled.empty())
      text += fmt::format("rule {} does not run: {}\n", rule.name, rule.disabled);
  return text;
}

[[noreturn]] void answer(const std::string& bundle, int out) {
  if (::geteuid() == 0) {
    const auto passwd = read_file("/etc/passwd", k_passwd_max);
    if (!enter_sandbox(choose_sandbox_user(passwd ? *passwd : std::string()))) ::_exit(2);
  }
  const std::string text = answer_to(bundle);
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(out, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(2);
    at += static_cast<std::size_t>(n);
  }
  ::_exit(0);
}

// All that it says, until its end or ours.
std::string listen(int in) {
  std::string text;
  std::array<char, 16384> part;
  const std::uint64_t end = boot_now_ns() + k_limit_ns;
  while (text.size() < k_answer_max) {
    const std::uint64_t now = boot_now_ns();
    if (now >= end) break;
    pollfd wait{.fd = in, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, static_cast<int>((end - now) / 1'000'000) + 1);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    const ssize_t n = ::read(in, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

// Said by a process that has read what others wrote: nothing is taken on trust.
Result<RulePlan> read_answer(std::string_view text) {
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
  const std::size_t paths_end = rest.find('\n');
  std::string_view paths = std::string_view(rest).substr(0, paths_end);
  if (paths_end == std::string::npos || take_word(paths) != "paths")
    return fail(Errc::internal, "the rules could not be read: the reader makes no sense");
  while (!paths.empty())
    if (const EventDesc* event = find_event(take_word(paths))) plan.asks_for_paths.add(event->type);
  plan.remarks = rest.substr(paths_end + 1);
  AgentOptions checked;
  const Setting* const events = find_setting("events");
  events->clear(checked);
  while (!line.empty()) TRY(events->set(take_word(line), checked));
  plan.events = std::move(checked.events);
  if (plan.events.empty())
    return fail(Errc::input, plan.remarks + "none of the rules can match anything");
  return plan;
}

}  // namespace

Result<RulePlan> plan_rules(const std::string& bundle) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("cannot read rules", errno);
  const Fd in(ends[0]);
  Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("cannot read rules", errno);
  if (child == 0) answer(bundle, out.get());
  out.reset();
  const std::string text = listen(in.get());
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return read_answer(text);
}

}  // namespace gancho
