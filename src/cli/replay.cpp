// SPDX-License-Identifier: Apache-2.0
//
// gancho replay: a recording, shown as it was shown live. Needs neither root nor a kernel.
#include <array>
#include <cstdio>
#include <optional>

#include "agent/field_list.h"
#include "base/bytes.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/print.h"
#include "cli/recorded_machine.h"
#include "cli/values.h"
#include "cli/where.h"
#include "event/json.h"
#include "event/recording.h"
#include "event/text.h"
#include "event/view.h"
#include "rules/evaluate.h"

namespace gancho {
namespace {

constexpr std::size_t k_write_at = 64 * 1024;  // bytes rendered

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "FILE",
      .meaning = "What `gancho watch --record` wrote; - for standard input",
      .fill = Fill::file}});

constexpr auto k_options = std::to_array<Parameter>({
    k_where_option,
    {.names = "-o,--output", .setting = "output.format"},
    {.names = "--fields", .setting = "output.fields"},
    k_color_option,
    {.names = "-n,--count", .value = "N", .meaning = "Stop after N events"},
    {.names = "--salvage",
     .meaning = "Show what is whole of a damaged or unfinished file",
     .flag = true},
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho replay today.rec",
    "gancho replay today.rec -o json | jq 'select(.\"evt.res\" != \"SUCCESS\")'",
    "gancho replay today.rec --where 'proc.aname = sshd and not user.uid = 0'",
    "gancho replay today.rec --fields evt.time,user.name,proc.exepath",
    "gancho replay --salvage after-the-crash.rec",
});

template <class Renderer>
Status show(const Recording& recording, Renderer& renderer, RecordedMachine& machine,
            rules::Evaluator* where, std::uint64_t count) {
  ByteBuffer out;
  Recording::Item item;
  std::uint64_t shown = 0;
  for (auto cursor = recording.items(); (count == 0 || shown < count) && cursor.next(item);) {
    const auto event = TRY(machine.take(item));
    if (item.kind == Recording::Kind::loss) renderer.render(item.loss, out);
    if (item.kind == Recording::Kind::clock) renderer.set_clock(item.clock);
    if (event && (where == nullptr || where->matches(*event))) {
      renderer.render(*event, out);
      ++shown;
    }
    if (out.size() >= k_write_at) {
      TRY(print(out.view()));
      out.clear();
    }
  }
  return print(out.view());
}

Result<int> run(const Arguments& arguments) {
  const std::string& path = arguments.operands.front();
  AgentOptions options;
  TRY(apply_settings(arguments, options));
  const bool json = options.format == OutputFormat::json;
  const FieldList fields = FieldList::of(options.fields);
  const bool colour = TRY(wants_color(arguments, Terminal::current()));
  const std::uint64_t count = TRY(count_value(arguments, "--count"));
  auto condition = where_value(arguments, EventSet::all());
  if (!condition) return k_wrong_condition;

  const FileBytes file = TRY(FileBytes::open(path));
  const auto recording =
      Recording::open(file.view(), arguments.has("--salvage") ? Salvage::yes : Salvage::no);
  if (!recording) return wrap(path, recording.error());
  if (!recording->damage().empty()) {
    std::fprintf(stderr, "gancho: %s: %s\n", path.c_str(), recording->damage().c_str());
  }

  const RecordingInfo& info = recording->info();
  RecordedMachine machine(info);
  const Facts& facts = machine.facts();
  std::optional<rules::Evaluator> where;
  if (arguments.has("--where")) where.emplace(std::move(*condition), facts);
  rules::Evaluator* const only = where ? &*where : nullptr;
  if (json) {
    JsonRenderer renderer(facts, info.clock, fields.projection());
    TRY(show(*recording, renderer, machine, only, count));
  } else {
    TextRenderer renderer(facts, info.clock, {.colour = colour},
                          fields.count == 0 ? std::nullopt : std::optional(fields.projection()));
    TRY(show(*recording, renderer, machine, only, count));
  }
  return 0;
}

}  // namespace

constinit const CommandDesc k_replay_command{
    .name = "replay",
    .meaning = "Show a recording as it was shown live",
    .operands = k_operands,
    .required = true,
    .options = k_options,
    .examples = k_examples,
    .note = "Needs no root and no particular kernel. Exit status 2 when --where is wrong.",
    .run = run,
};

}  // namespace gancho
