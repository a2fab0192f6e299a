// SPDX-License-Identifier: Apache-2.0
#include "sinks/check_sinks.h"

#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "sinks/alert_file.h"
#include "sinks/http_sink.h"
#include "sinks/program_runner.h"

namespace gancho {

Status check_sinks(const AlertOptions& options) {
  std::vector<std::string> lines;
  const auto tell = [&](const char* setting, const Error& error) {
    lines.push_back(fmt::format("{}: {}", setting, error.message));
  };
  if (!options.file.path.empty())
    if (const Status file = check_alert_file(options.file.path); !file)
      tell("alert_file.path", file.error());
  if (!options.program.command.empty())
    if (const Status program = check_alert_program(options.program); !program)
      tell("alert_program.command", program.error());
  if (!options.http.url.empty()) {
    SinkCounters counters{};
    const auto http = HttpSink::create(options.http, {.counters = counters, .say = {}});
    if (!http) tell("alert_http", http.error());
  } else if (!options.http.headers_file.empty()) {
    if (const auto headers = read_headers_file(options.http.headers_file); !headers)
      tell("alert_http", headers.error());
  }
  if (!lines.empty()) return fail(Errc::input, fmt::format("{}", fmt::join(lines, "\n")));
  return {};
}

}  // namespace gancho
