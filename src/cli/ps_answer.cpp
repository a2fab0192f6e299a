// SPDX-License-Identifier: Apache-2.0
#include "cli/ps_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/quote.h"

namespace gancho {
namespace {

namespace json = boost::json;

std::uint64_t number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

bool flag(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string bytes_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

ProcessKey key_of(const json::object& object, std::string_view pid, std::string_view start_time) {
  return {.pid = static_cast<std::uint32_t>(number(object, pid)),
          .start_time = number(object, start_time)};
}

std::optional<PsProcess> read_process(const json::object& object) {
  PsProcess process;
  process.process = key_of(object, "proc.pid", "proc.start_time");
  if (process.process.pid == 0) return std::nullopt;
  process.name = bytes_of(object, "proc.name");
  process.exepath = bytes_of(object, "proc.exepath");
  process.tty = bytes_of(object, "proc.tty_name");
  process.alive = flag(object, "proc.alive");
  process.kernel = flag(object, "proc.is_kernel");
  process.user = bytes_of(object, "user.name");
  if (process.user.empty() && object.contains("user.uid"))
    process.user = std::to_string(number(object, "user.uid"));
  if (const json::value* args = object.if_contains("proc.args");
      args != nullptr && args->is_array())
    for (const json::value& argument : args->get_array())
      if (argument.is_string())
        process.args.emplace_back(argument.get_string().data(), argument.get_string().size());
  const json::value* ancestors = object.if_contains("proc.ancestors");
  if (ancestors == nullptr || !ancestors->is_array()) return process;
  for (const json::value& entry : ancestors->get_array()) {
    const json::object* ancestor = entry.if_object();
    if (ancestor == nullptr) return std::nullopt;
    process.ancestors.push_back({.process = key_of(*ancestor, "pid", "start_time"),
                                 .name = bytes_of(*ancestor, "name"),
                                 .alive = flag(*ancestor, "alive")});
  }
  return process;
}

// Of each table the numbers, by plain names; nothing else is taken over.
std::string read_holdings(const json::object& end) {
  json::object holdings;
  for (const char* name : {"processes", "containers"}) {
    const json::value* value = end.if_contains(name);
    if (value == nullptr || !value->is_object()) continue;
    json::object& table = holdings[name].emplace_object();
    for (const auto& [key, member] : value->get_object())
      if (member.is_number() &&
          std::ranges::all_of(key, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }))
        table[key] = number(value->get_object(), key);
  }
  return holdings.empty() ? std::string() : json::serialize(holdings);
}

}  // namespace

Result<PsAnswer> read_ps_answer(std::string_view bytes) {
  PsAnswer answer;
  bool ended = false;
  json::parse_options options;
  options.max_depth = 4;
  while (!bytes.empty() && !ended) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    json::error_code error;
    const json::value value = json::parse(line, error, {}, options);
    const json::object* const object = error ? nullptr : value.if_object();
    if (object == nullptr) return fail(Errc::input, "the agent's answer makes no sense");
    if (object->contains("error"))
      return fail(Errc::system,
                  fmt::format("the agent says {}", in_quotes(bytes_of(*object, "error"))));
    if (object->contains("end")) {
      ended = number(*object, "lines") == answer.processes.size();
      if (const json::value* table = object->if_contains("processes");
          table != nullptr && table->is_object())
        answer.refused = number(table->get_object(), "refused");
      answer.holdings = read_holdings(*object);
      if (!ended) break;
      continue;
    }
    std::optional<PsProcess> process = read_process(*object);
    if (!process) return fail(Errc::input, "the agent's answer makes no sense");
    process->line = line;
    answer.processes.push_back(std::move(*process));
  }
  if (!ended) return fail(Errc::system, "the agent's answer is cut off");
  std::ranges::sort(answer.processes, [](const PsProcess& a, const PsProcess& b) {
    return a.process.pid != b.process.pid ? a.process.pid < b.process.pid
                                          : a.process.start_time < b.process.start_time;
  });
  return answer;
}

}  // namespace gancho
