// SPDX-License-Identifier: Apache-2.0
//
// gancho map: how this machine's kernel is organised, and where one can hook into it.
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <span>
#include <string>

#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/map_drawing.h"
#include "cli/map_hook.h"
#include "cli/map_subsystem.h"
#include "cli/map_uprobe.h"
#include "cli/print.h"
#include "map/find.h"
#include "map/map_json.h"

namespace gancho {
namespace {

std::vector<std::string_view> first_words_of_map() {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < k_subsystems; ++i)
    words.push_back(subsystem_name(static_cast<Subsystem>(i)));
  words.insert(words.end(), {"uprobe", "diff"});
  return words;
}

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "WHAT",
      .meaning =
          "A subsystem to open, or a hook by its name: vfs_read, sched:sched_switch, file_open, "
          "openat, xdp eth0; uprobe FILE [GLOB] for the functions and probes of a program; diff "
          "A.json B.json for two kernels",
      .words = first_words_of_map}});

constexpr auto k_options = std::to_array<Parameter>({
    {.names = "--names", .meaning = "With a subsystem: the names of its hooks too", .flag = true},
    {.names = "--filter",
     .value = "GLOB",
     .meaning = "With a subsystem: the names that match, as a shell has it: 'vfs_*'"},
    {.names = "--json", .meaning = "As JSON, with all names", .flag = true},
    k_color_option,
});

constexpr auto k_examples = std::to_array<std::string_view>({
    "gancho map",
    "gancho map network",
    "gancho map vfs --filter '*read*'",
    "gancho map vfs_read",
    "gancho map xdp eth0",
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

Result<int> show_all(const MapView& view, bool json) {
  const Inventory inventory = read_inventory();
  TRY(print(json ? map_json(inventory, std::nullopt) : draw_map(figures_of(inventory), view)));
  return 0;
}

Result<int> show_subsystem(Subsystem subsystem, const Arguments& arguments, const MapView& view,
                           bool json) {
  const Inventory inventory = read_inventory();
  if (json) {
    TRY(print(map_json(inventory, subsystem)));
    return 0;
  }
  SubsystemView opened{.map = view, .names = arguments.has("--names"), .filter = {}};
  if (const std::string* filter = arguments.find("--filter")) opened.filter = *filter;
  TRY(print(subsystem_page(inventory, hooks_of_gancho(inventory), subsystem, opened)));
  return 0;
}

Result<int> show_hook(const std::string& name, const MapView& view, bool json) {
  const Inventory inventory = read_inventory();
  const auto places = find_places(inventory, name);
  if (places.empty()) {
    std::string hint = did_you_mean(name, first_words_of_map());
    if (hint.empty()) hint = similar_places(inventory, name);
    return fail(Errc::usage,
                "no subsystem or hook of this kernel is called " + in_quotes(name) + hint);
  }
  TRY(print(json ? hook_json(inventory, places)
                 : hook_page(inventory, places, hooks_of_gancho(inventory), view)));
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

Result<int> run(const Arguments& arguments) {
  const MapView view{.width = columns_here(),
                     .colour = TRY(wants_color(arguments, Terminal::current())),
                     .language = language_of_environment()};
  const bool json = arguments.has("--json");
  if (arguments.operands.empty()) return show_all(view, json);
  const std::span words(arguments.operands);
  const std::string& what = words.front();
  if (what == "uprobe" && words.size() > 1) return show_program(words.subspan(1), view, json);
  if (what == "diff") return show_difference(words.subspan(1), view, json);
  if (const auto subsystem = find_subsystem(what); subsystem && words.size() == 1)
    return show_subsystem(*subsystem, arguments, view, json);
  return show_hook(joined(words), view, json);
}

}  // namespace

constinit const CommandDesc k_map_command{
    .name = "map",
    .meaning = "Show the kernel's subsystems, and where one can hook into them",
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
