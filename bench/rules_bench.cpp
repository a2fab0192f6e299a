// SPDX-License-Identifier: Apache-2.0
//
// What it costs to decide a condition for one typical exec record: the evaluator alone, the record
// has been checked.
#include <benchmark/benchmark.h>

#include <set>
#include <string>

#include "rules/check.h"
#include "rules/cost.h"
#include "rules/evaluate.h"
#include "rules/parser.h"
#include "support/exec_record.h"
#include "support/facts.h"

namespace {

using namespace gancho;

void run(benchmark::State& state, std::string_view text, std::string_view event_name = "exec") {
  rules::Problems problems;
  const auto parsed = rules::parse_condition(rules::RuleText(text), problems);
  auto typed = parsed ? rules::check_condition(*parsed, problems) : std::nullopt;
  if (!typed) return state.SkipWithError(problems.kept()[0].message.c_str());
  const test::SampleFacts facts;
  rules::Evaluator evaluator(std::move(*typed), facts);
  const EventDesc* event = find_event(event_name);
  if (event == nullptr) return state.SkipWithError("this build has no such event");
  test::RecordBuilder builder =
      event_name == "exec" ? test::typical_exec(*event) : test::RecordBuilder(*event);
  const EventView view = builder.view();
  bool matched = false;
  for (auto _ : state) benchmark::DoNotOptimize(matched = evaluator.matches(view));
  state.counters["matched"] = matched ? 1 : 0;
}

// Every one of the 25 parts is looked at.
constexpr std::string_view k_parts =
    "evt.type in (execve, execveat) and proc.name != nginx and proc.name in (bash, sh, curl, wget) "
    "and proc.pid > 1 and user.uid != 0 and user.name = alice and user.loginuid != -1 "
    "and proc.exepath startswith /usr and proc.exepath pmatch (/opt, /usr/bin, /usr/local) "
    "and not proc.exepath endswith .so and not proc.exepath glob *python* "
    "and proc.cwd startswith /home and proc.cmdline contains https and proc.args contains -sS "
    "and not proc.cmdline contains id_rsa and not proc.cmdline icontains passwd "
    "and proc.pname = bash and proc.aname = sshd and not proc.aname in (nginx, apache2) "
    "and proc.aname[2] = sshd and proc.is_suid = false and evt.res = SUCCESS "
    "and not container.id = host1 and proc.exe_mode contains S_IXUSR and proc.sid > 0";

void parts_25(benchmark::State& state) {
  // A typical record says nothing about containers: that part is taken out of the way.
  std::string text(k_parts);
  const std::string container = "not container.id = host1";
  text.replace(text.find(container), container.size(), "proc.envc > 3");
  run(state, text);
}
BENCHMARK(parts_25);

void other_event(benchmark::State& state) {
  run(state, k_parts, "exit");
}
BENCHMARK(other_event);

void first_part_decides(benchmark::State& state) {
  run(state, "proc.name in (nginx, apache2) and proc.cmdline contains x");
}
BENCHMARK(first_part_decides);

// What src/rules/cost.cpp estimates, beside what it takes: an event by which one comparison is
// decided.
void cost(benchmark::State& state, std::string_view text) {
  rules::Problems problems;
  const auto parsed = rules::parse_condition(rules::RuleText(text), problems);
  const auto typed = parsed ? rules::check_condition(*parsed, problems) : std::nullopt;
  if (!typed) return state.SkipWithError(problems.kept()[0].message.c_str());
  std::set<rules::Index> read;
  state.counters["estimated_ns"] =
      rules::step_ns(typed->terms, typed->terms.comparisons.front(), read);
  run(state, text);
}
BENCHMARK_CAPTURE(cost, number, "proc.pid > 1");
BENCHMARK_CAPTURE(cost, text, "proc.name = curl");
BENCHMARK_CAPTURE(cost, set, "proc.name in (a, b, c, curl)");
BENCHMARK_CAPTURE(cost, path, "proc.exepath startswith /usr");
BENCHMARK_CAPTURE(cost, contains, "proc.exepath contains xyz");
BENCHMARK_CAPTURE(cost, glob, "proc.exepath glob *python*");
BENCHMARK_CAPTURE(cost, made, "evt.res = SUCCESS");
BENCHMARK_CAPTURE(cost, command_line, "proc.cmdline = x");
BENCHMARK_CAPTURE(cost, ancestors, "proc.aname = nobody");
BENCHMARK_CAPTURE(cost, transformer, "tolower(proc.name) = curl");
BENCHMARK_CAPTURE(cost, regex, "proc.cmdline regex \".*https?://[a-z.]+/status.*\"");

void in_1000(benchmark::State& state) {
  std::string text = "proc.name in (";
  for (int i = 0; i < 1000; ++i) text += "name" + std::to_string(i) + ", ";
  run(state, text + "curl)");
}
BENCHMARK(in_1000);

void regex(benchmark::State& state) {
  run(state, "proc.cmdline regex \".*https?://[a-z.]+/status.*\"");
}
BENCHMARK(regex);

}  // namespace

BENCHMARK_MAIN();
