// SPDX-License-Identifier: Apache-2.0
//
// What it costs to check and render one typical exec record. For instructions instead of time:
//   valgrind --tool=callgrind --toggle-collect='gancho::JsonRenderer::render*' render_bench ...
#include <benchmark/benchmark.h>

#include "base/bytes.h"
#include "event/json.h"
#include "event/text.h"
#include "support/exec_record.h"
#include "support/facts.h"

namespace {

using namespace gancho;

void run(benchmark::State& state, auto&& render) {
  const EventDesc* exec = find_event("exec");
  if (exec == nullptr) return state.SkipWithError("this build has no exec event");
  test::RecordBuilder builder = test::typical_exec(*exec);
  const auto record = builder.bytes();
  ByteBuffer out;
  for (auto _ : state) {
    out.clear();
    const auto view = EventView::create(record);
    if (!view) return state.SkipWithError(view.error().message.c_str());
    render(*view, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

void exec_json(benchmark::State& state) {
  const test::SampleFacts facts;
  const JsonRenderer json(facts, {});
  run(state, [&](const EventView& view, ByteBuffer& out) { json.render(view, out); });
}
BENCHMARK(exec_json);

void exec_text(benchmark::State& state) {
  const test::SampleFacts facts;
  TextRenderer text(facts, {});
  run(state, [&](const EventView& view, ByteBuffer& out) { text.render(view, out); });
}
BENCHMARK(exec_text);

}  // namespace

BENCHMARK_MAIN();
