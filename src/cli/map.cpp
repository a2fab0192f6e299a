// SPDX-License-Identifier: Apache-2.0
//
// gancho map: how this machine's kernel is organised, and where one can hook into it.
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <future>
#include <optional>
#include <span>
#include <string>

#include "attached/attached_json.h"
#include "attached/read_attached.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/map_attached.h"
#include "cli/map_drawing.h"
#include "cli/map_hook.h"
#include "cli/map_subsystem.h"
#include "cli/map_uprobe.h"
#include "cli/map_watch.h"
#include "cli/print.h"
#include "map/find.h"
#include "map/map_json.h"

namespace gancho {
namespace {

std::vector<std::string_view> first_words_of_map() {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < k_subsystems; ++i)
    words.push_back(subsystem_name(static_cast<Subsystem>(i)));
  words.insert(words.end(), {"attached", "program", "uprobe", "diff"});
  return words;
}

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "WHAT",
      .meaning =
          "A subsystem to open, or a hook by its name: vfs_read, sched:sched_switch, file_open, "
          "openat, xdp eth0; attached [GLOB] for all that hangs in the kernel; program ID|NAME for "
          "a "
          "BPF program; uprobe FILE [GLOB] for the functions and probes of an executable; diff "
          "A.json B.json for two kernels",
      .words = first_words_of_map}});

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "--names", .meaning = "With a subsystem: the names of its hooks too", .flag = true},
    {.names = "--filter",
     .value = "GLOB",
     .meaning = "With a subsystem: the names that match, as a shell has it: 'vfs_*'"},
    {.names = "--cost",
     .value = "DURATION",
     .meaning = "Have the kernel count for so long what each BPF program costs (root): 5s"},
    {.names = "--watch",
     .meaning = "What is attached and detached from now on, until Ctrl-C (root)",
     .flag = true},
    {.names = "--json", .meaning = "As JSON, with all names", .flag = true},
    k_color_option,
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho map",
    "gancho map network",
    "gancho map vfs --filter '*read*'",
    "gancho map vfs_read",
    "gancho map xdp eth0",
    "gancho map --cost 5s",
    "gancho map attached",
    "gancho map attached '*gancho*'",
    "gancho map program 41",
    "gancho map --watch",
    "gancho map uprobe /bin/bash 'readline*'",
    "gancho map --json > before.json",
    "gancho map diff before.json after.json",
    "LANG=es_ES.UTF-8 gancho map memory",
});

std::size_t columns_here() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const auto wide = parse_count(columns == nullptr ? "" : columns);
  constexpr std::uint64_t k_most = 1000;
  return wide && *wide >= 20 && *wide <= k_most ? static_cast<std::size_t>(*wide) : 80;
}

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

struct Request {
  MapView view;
  bool json = false;
  std::optional<std::chrono::nanoseconds> cost;
  bool needs_root = false;  // it is about nothing but what is attached
};

// What is attached, and what it costs where that was asked for.
Result<AttachedView> look(const Request& request) {
  AttachedView seen;
  if (request.cost) seen.costs = TRY(measure_costs(*request.cost));
  seen.attached = TRY(read_attached());
  return seen;
}

// What there is to hook, and what hangs there: read at the same time.
struct Everything {
  Inventory inventory;
  std::optional<AttachedView> seen;

  // Null when nobody may look.
  [[nodiscard]] const AttachedView* attached() const { return seen ? &*seen : nullptr; }
  [[nodiscard]] std::string attached_as_json() const {
    return seen ? attached_json(inventory, seen->attached, seen->costs) : "";
  }
};

Result<Everything> read_everything(const Request& request) {
  if (request.cost && ::isatty(STDERR_FILENO) == 1)
    fmt::print(stderr, "gancho: counting for {}\n", print_duration(*request.cost));
  auto looking = std::async(std::launch::async, [&request] { return look(request); });
  Everything all{.inventory = read_inventory(), .seen = {}};
  auto seen = looking.get();
  if (seen) {
    all.seen = std::move(seen).value();
    return all;
  }
  // The rest can be shown to everybody.
  if (request.cost || request.needs_root || seen.error().code != Errc::permission)
    return std::unexpected(std::move(seen).error());
  all.inventory.gaps.push_back(Gap::attached);
  return all;
}

Result<int> show_all(const Request& request) {
  const Everything all = TRY(read_everything(request));
  if (request.json) {
    TRY(print(map_json(all.inventory, std::nullopt, all.attached_as_json())));
    return 0;
  }
  MapFigures figures = figures_of(all.inventory);
  if (all.seen) {
    const AttachedFigures attached = figures_of(all.inventory, all.seen->attached, all.seen->costs);
    figures.attached = attached.programs;
    figures.share = attached.share;
  }
  TRY(print(draw_map(figures, request.view)));
  return 0;
}

Result<int> show_subsystem(Subsystem subsystem, const Arguments& arguments,
                           const Request& request) {
  const Everything all = TRY(read_everything(request));
  if (request.json) {
    TRY(print(map_json(all.inventory, subsystem, all.attached_as_json())));
    return 0;
  }
  SubsystemView opened{
      .map = request.view, .names = arguments.has("--names"), .filter = {}, .seen = all.attached()};
  if (const std::string* filter = arguments.find("--filter")) opened.filter = *filter;
  TRY(print(subsystem_page(all.inventory, hooks_of_gancho(all.inventory), subsystem, opened)));
  return 0;
}

Result<int> show_hook(const std::string& name, const Request& request) {
  const Everything all = TRY(read_everything(request));
  const auto places = find_places(all.inventory, name);
  if (places.empty()) {
    std::string hint = did_you_mean(name, first_words_of_map());
    if (hint.empty()) hint = similar_places(all.inventory, name);
    return fail(Errc::usage,
                "no subsystem or hook of this kernel is called " + in_quotes(name) + hint);
  }
  TRY(print(request.json ? hook_json(all.inventory, places, all.attached())
                         : hook_page(all.inventory, places, hooks_of_gancho(all.inventory),
                                     all.attached(), request.view)));
  return 0;
}

Result<int> show_attached(std::span<const std::string> words, const Request& request) {
  if (words.size() > 1)
    return fail(Errc::usage, "map attached takes one filter: gancho map attached '*NAME*'");
  const Everything all = TRY(read_everything(request));
  const std::string filter = words.empty() ? "" : words.front();
  TRY(print(request.json ? "{\"format\":1,\"attached\":" + all.attached_as_json() + "}\n"
                         : attached_page(all.inventory, *all.seen, filter, request.view)));
  return 0;
}

Result<int> show_bpf_program(std::span<const std::string> words, const Request& request) {
  if (words.size() != 1)
    return fail(Errc::usage, "map program takes the id or the name of a BPF program");
  const Everything all = TRY(read_everything(request));
  const AttachedView& seen = *all.seen;
  const auto programs = find_programs(seen.attached, words.front());
  if (programs.empty())
    return fail(Errc::usage, "no BPF program here has the id or the name " +
                                 in_quotes(words.front()) + " (gancho map attached)");
  TRY(print(request.json ? programs_json(all.inventory, seen.attached, seen.costs, programs)
                         : program_page(all.inventory, seen, words.front(), request.view)));
  return 0;
}

Result<int> show_program(std::span<const std::string> words, const MapView& view, bool json) {
  if (words.empty() || words.size() > 2)
    return fail(Errc::usage, "map uprobe takes a file and, if need be, a filter");
  const ElfPlaces places = TRY(read_elf_places(words[0]));
  const std::string filter = words.size() == 2 ? words[1] : "";
  TRY(print(json ? uprobe_json(words[0], places, filter)
                 : uprobe_page(words[0], places, filter, view)));
  return 0;
}

Result<MapDocument> read_map(const std::string& path) {
  const FileBytes file = TRY(FileBytes::open(path));
  const auto bytes = file.view();
  auto map = parse_map({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!map) return wrap(in_quotes(path), std::move(map).error());
  return map;
}

Result<int> show_difference(std::span<const std::string> words, const MapView& view, bool json) {
  if (words.size() != 2) return fail(Errc::usage, "map diff takes two files of gancho map --json");
  const MapDocument first = TRY(read_map(words[0]));
  const MapDocument second = TRY(read_map(words[1]));
  TRY(print(json ? diff_json(first, second) : diff_page(first, second, view)));
  return 0;
}

Result<std::optional<std::chrono::nanoseconds>> cost_time(const Arguments& arguments) {
  const std::string* const text = arguments.find("--cost");
  if (text == nullptr) return std::optional<std::chrono::nanoseconds>{};
  auto time = parse_duration(*text);
  if (!time) return wrap("--cost", std::move(time).error());
  constexpr auto k_longest = std::chrono::hours(24);
  if (*time <= std::chrono::nanoseconds::zero() || *time > k_longest)
    return fail(Errc::usage, "--cost " + in_quotes(*text) + ": a time of at most 24h is wanted");
  return std::optional(*time);
}

bool only_about_programs(const Arguments& arguments) {
  if (arguments.operands.empty()) return false;
  const std::string& what = arguments.operands.front();
  return what == "attached" || what == "program";
}

Result<int> run(const Arguments& arguments) {
  const Request request{.view = {.width = columns_here(),
                                 .colour = TRY(wants_color(arguments, Terminal::current())),
                                 .language = language_of_environment()},
                        .json = arguments.has("--json"),
                        .cost = TRY(cost_time(arguments)),
                        .needs_root = only_about_programs(arguments)};
  const std::span words(arguments.operands);
  if (arguments.has("--watch")) {
    if (!words.empty() || request.cost)
      return fail(Errc::usage, "map --watch goes with --json only: gancho map --watch");
    return watch_map(request.view, request.json);
  }
  if (words.empty()) return show_all(request);
  const std::string& what = words.front();
  if (what == "attached") return show_attached(words.subspan(1), request);
  if (what == "program") return show_bpf_program(words.subspan(1), request);
  if (what == "uprobe" && words.size() > 1)
    return show_program(words.subspan(1), request.view, request.json);
  if (what == "diff") return show_difference(words.subspan(1), request.view, request.json);
  if (const auto subsystem = find_subsystem(what); subsystem && words.size() == 1)
    return show_subsystem(*subsystem, arguments, request);
  return show_hook(joined(words), request);
}

}  // namespace

constinit const CommandDesc k_map_command{
    .name = "map",
    .meaning = "Show the kernel's subsystems, where one can hook, and what hangs there",
    .operands = k_operands,
    .repeated = true,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Read from the running kernel's types, symbols and tracing files; nothing is attached. "
        "Without root it shows what it can, and says what is missing. In Spanish with LANG=es_*.",
    .run = run,
};

}  // namespace gancho
