// SPDX-License-Identifier: Apache-2.0
//
// What whole sets of rules cost on recorded events, from the record's bytes to the verdict:
//
//   rule_set_bench RECORDING RULES... [--benchmark_...]
//
// Alerts are not rendered. The process table is kept as the agent keeps it, so that what rules ask
// it is there.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "enrich/known_facts.h"
#include "event/recording.h"
#include "rules/load.h"
#include "rules/rule_evaluator.h"
#include "rules/rule_files.h"
#include "rules/typed_rules.h"

namespace {

using namespace gancho;

constexpr std::size_t k_recording_max = std::size_t{1} << 30;
constexpr std::size_t k_passes = 15;
constexpr std::size_t k_copies = 40;

// Records in their order, and what else a recording tells.
struct Load {
  std::string bytes;
  std::vector<std::span<const std::byte>> records;
  UserTable users;
  ContainerTable containers{SIZE_MAX, SIZE_MAX};
};

// Is it judged, or only there for the process table?
bool is_judged(const EventView& event) {
  return (event.header().flags & EV_FOR_TABLE) == 0;
}

// What the agent has beside the records, from the beginning of the load.
struct Machine {
  explicit Machine(const Load& load) {
    facts.set(&load.users);
    facts.set(&processes);
    facts.set(&load.containers);
  }
  ProcessTable processes;
  KnownFacts facts;
};

Result<std::unique_ptr<Load>> read_load(const std::string& path) {
  auto load = std::make_unique<Load>();
  load->bytes = TRY(read_file(path, k_recording_max));
  const Recording recording = TRY(Recording::open(std::as_bytes(std::span(load->bytes))));
  load->users = UserTable::from_names(recording.info().users, recording.info().groups);
  Recording::Item item;
  for (auto cursor = recording.items(); cursor.next(item);) {
    if (item.kind == Recording::Kind::record) load->records.push_back(item.record);
    if (item.kind == Recording::Kind::container)
      load->containers.put(item.cgroup_id, std::move(item.container));
  }
  return load;
}

// Is what such a field is compared with a name or a path, of which a rule could as well have
// another?
bool holds_names(std::string_view field) {
  return field.starts_with("proc.") || field.starts_with("fs.path") || field == "fd.name" ||
         field == "fd.directory" || field == "fd.filename" || field == "user.name" ||
         field.starts_with("container.image");
}

// The rules again, about other programs and other files.
rules::Rule renamed(const rules::Rule& rule, std::size_t copy) {
  rules::Rule made = rule;
  made.name += fmt::format(" {}", copy);
  for (const rules::Comparison& comparison : made.condition.comparisons) {
    using enum rules::Operator;
    const rules::Operand& left = made.condition.operands[comparison.left];
    const bool texts = comparison.op == equal || comparison.op == in ||
                       comparison.op == startswith || comparison.op == pmatch ||
                       comparison.op == endswith || comparison.op == contains ||
                       comparison.op == glob;
    if (!texts || left.kind != rules::OperandKind::field || !holds_names(left.name)) continue;
    for (rules::Index i = 0; i < comparison.values.count; ++i) {
      std::string& text = made.condition.values[comparison.values.first + i].text;
      // Truths, letters and numbers stay what they are.
      if (text == "true" || text == "false" ||
          std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; }))
        continue;
      text.insert(text.front() == '/' ? 1 : 0, fmt::format("v{}-", copy));
    }
  }
  return made;
}

rules::RuleSet copies_of(const rules::RuleSet& set, std::size_t copies) {
  rules::RuleSet made;
  for (std::size_t copy = 0; copy < copies; ++copy)
    for (const rules::Rule& rule : set.rules) made.rules.push_back(renamed(rule, copy));
  return made;
}

class Bench {
 public:
  Bench(std::unique_ptr<Load> load, std::vector<rules::RuleFile> files, rules::RuleSet set)
      : load_(std::move(load)), files_(std::move(files)), set_(std::move(set)) {
    cycles_per_ns_ = measure_clock();
    overhead_ = measure_overhead();
  }

  // Time of each event by itself: the median and the 99th percentile over the load.
  void each_event(benchmark::State& state) {
    auto typed = type(state, 1);
    if (!typed) return;
    std::vector<Judged> judged;
    for (auto _ : state) judged = judge(*typed);
    std::vector<double> ns;
    std::map<std::string_view, std::vector<double>> by_event;
    std::size_t fired = 0;
    double sum = 0;
    for (const Judged& one : judged) {
      ns.push_back(one.ns);
      by_event[one.event].push_back(one.ns);
      fired += one.fired ? 1 : 0;
      sum += one.ns;
    }
    state.counters["events"] = static_cast<double>(ns.size());
    state.counters["rules"] = static_cast<double>(typed->rules.size());
    state.counters["fired"] = static_cast<double>(fired);
    state.counters["mean_ns"] = sum / static_cast<double>(ns.size());
    state.counters["median_ns"] = percentile(ns, 0.5);
    state.counters["p99_ns"] = percentile(ns, 0.99);
    std::string shares;
    for (auto& [name, all] : by_event)
      if (all.size() * 200 >= ns.size())  // half of a percent
        shares += fmt::format("\n  {:12} {:6} events, median {:4.0f} ns, p99 {:4.0f} ns", name,
                              all.size(), percentile(all, 0.5), percentile(all, 0.99));
    state.SetLabel(shares);
  }

  // Of all records, the way from bytes to the verdict.
  void ring_to_verdict(benchmark::State& state) {
    auto typed = type(state, 1);
    if (!typed) return;
    std::uint64_t fired = 0;
    for (auto _ : state) {
      state.PauseTiming();
      auto machine = std::make_unique<Machine>(*load_);
      auto evaluator =
          std::make_unique<rules::RuleEvaluator>(*typed, rules::Matching::first, machine->facts);
      state.ResumeTiming();
      for (const std::span<const std::byte> record : load_->records) {
        const auto event = EventView::create(record);
        if (!event) return state.SkipWithError("a record that is none");
        machine->processes.apply(*event);
        if (is_judged(*event)) fired += evaluator->evaluate(*event).size();
      }
      state.PauseTiming();
      evaluator.reset();
      machine.reset();
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(fired);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * load_->records.size()));
  }

  // The same rules forty times, about other names, on events for which none fires either way.
  void many_rules(benchmark::State& state) {
    auto few = type(state, 1);
    auto many = type(state, k_copies);
    if (!few || !many) return;
    double few_ns = 0;
    double many_ns = 0;
    std::size_t events = 0;
    for (auto _ : state) {
      const auto by_few = judge(*few);
      const auto by_many = judge(*many);
      few_ns = many_ns = 0;
      events = 0;
      for (std::size_t i = 0; i < by_few.size(); ++i) {
        if (by_few[i].fired || by_many[i].fired) continue;
        ++events;
        few_ns += by_few[i].ns;
        many_ns += by_many[i].ns;
      }
    }
    const auto count = static_cast<double>(events);
    state.counters["events"] = count;
    state.counters["few_rules"] = static_cast<double>(few->rules.size());
    state.counters["few_mean_ns"] = few_ns / count;
    state.counters["many_rules"] = static_cast<double>(many->rules.size());
    state.counters["many_mean_ns"] = many_ns / count;
    state.counters["times"] = many_ns / few_ns;
  }

  // From the files' texts to an evaluator.
  void loading(benchmark::State& state) {
    Machine machine(*load_);
    for (auto _ : state) {
      rules::Loaded loaded = rules::load_rules(files_);
      auto typed = rules::type_rules(*loaded.rules, loaded.problems);
      if (!typed) return state.SkipWithError("the rules are wrong");
      const rules::RuleEvaluator evaluator(std::move(*typed), rules::Matching::first,
                                           machine.facts);
      benchmark::DoNotOptimize(&evaluator);
    }
  }

 private:
  struct Judged {
    std::string_view event;
    bool fired = false;
    double ns = 0;  // the median of all passes
  };

  // Each event of the load that is judged, in passes from its beginning.
  std::vector<Judged> judge(const rules::TypedRules& typed) const {
    const std::size_t count = load_->records.size();
    std::vector<std::uint32_t> cycles(count * k_passes);
    std::vector<Judged> judged(count);
    for (std::size_t pass = 0; pass < k_passes; ++pass) {
      Machine machine(*load_);
      rules::RuleEvaluator evaluator(typed, rules::Matching::first, machine.facts);
      for (std::size_t i = 0; i < count; ++i) {
        const auto event = EventView::create(load_->records[i]);
        machine.processes.apply(*event);
        if (!is_judged(*event)) continue;
        const std::uint64_t begin = now();
        const bool fired = !evaluator.evaluate(*event).empty();
        cycles[i * k_passes + pass] = static_cast<std::uint32_t>(now() - begin);
        judged[i] = {.event = event->desc().name, .fired = fired};
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto own = std::span(cycles).subspan(i * k_passes, k_passes);
      std::ranges::nth_element(own, own.begin() + k_passes / 2);
      judged[i].ns = std::max(0.0, own[k_passes / 2] - overhead_) / cycles_per_ns_;
    }
    std::erase_if(judged, [](const Judged& one) { return one.event.empty(); });
    return judged;
  }

  static std::uint64_t now() {
    unsigned ignored = 0;
    return __rdtscp(&ignored);
  }
  static double measure_clock() {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t cycles = now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(100)) {
    }
    const std::uint64_t passed = now() - cycles;
    return static_cast<double>(passed) /
           std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin)
               .count();
  }
  static double measure_overhead() {
    std::vector<double> nothing;
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t begin = now();
      nothing.push_back(static_cast<double>(now() - begin));
    }
    return percentile(nothing, 0.5);
  }
  static double percentile(std::vector<double>& values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, values.begin() + at);
    return values[static_cast<std::size_t>(at)];
  }

  std::optional<rules::TypedRules> type(benchmark::State& state, std::size_t copies) {
    rules::Problems problems;
    auto typed = rules::type_rules(copies == 1 ? set_ : copies_of(set_, copies), problems);
    if (!typed) state.SkipWithError(problems.kept().front().message.c_str());
    return typed;
  }

  std::unique_ptr<Load> load_;
  std::vector<rules::RuleFile> files_;
  rules::RuleSet set_;
  double cycles_per_ns_ = 1;
  double overhead_ = 0;  // of looking at the clock, cycles
};

int fail_with(std::string_view message) {
  fmt::print(stderr, "rule_set_bench: {}\n", message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc < 3) return fail_with("needs RECORDING RULES...");
  auto load = read_load(argv[1]);
  if (!load) return fail_with(load.error().message);
  const std::vector<std::string> names(argv + 2, argv + argc);
  auto files = rules::read_rule_files(names);
  if (!files) return fail_with(files.error().message);
  rules::Loaded loaded = rules::load_rules(*files);
  if (!loaded.rules) return fail_with("there are errors in the rules; see `gancho policy check`");

  fmt::print(stderr, "{} events\n", (*load)->records.size());
  Bench bench(std::move(*load), std::move(*files), std::move(*loaded.rules));
  using benchmark::RegisterBenchmark;
  const auto us = benchmark::kMicrosecond;
  RegisterBenchmark("load", [&](auto& state) { bench.loading(state); })->Unit(us);
  RegisterBenchmark("each_event", [&](auto& state) { bench.each_event(state); })
      ->Unit(us)
      ->Iterations(1);
  RegisterBenchmark("many_rules", [&](auto& state) { bench.many_rules(state); })
      ->Unit(us)
      ->Iterations(1);
  RegisterBenchmark("ring_to_verdict", [&](auto& state) {
    bench.ring_to_verdict(state);
  })->Unit(us);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
