// SPDX-License-Identifier: Apache-2.0
//
// gancho map: how this machine's kernel is organised, and where one can hook into it.
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/map_drawing.h"
#include "cli/map_subsystem.h"
#include "cli/print.h"
#include "map/map_json.h"

namespace gancho {
namespace {

std::vector<std::string_view> subsystem_words() {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < k_subsystems; ++i)
    words.push_back(subsystem_name(static_cast<Subsystem>(i)));
  return words;
}

constexpr auto k_operands = std::to_array<Parameter>(
    {{.names = "WHAT", .meaning = "A subsystem to open", .words = subsystem_words}});

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
    "gancho map --json > before.json",
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

Result<int> run(const Arguments& arguments) {
  const MapView view{.width = columns_here(),
                     .colour = TRY(wants_color(arguments, Terminal::current())),
                     .language = language_of_environment()};
  const bool json = arguments.has("--json");
  if (arguments.operands.empty()) {
    const Inventory inventory = read_inventory();
    TRY(print(json ? map_json(inventory, std::nullopt) : draw_map(figures_of(inventory), view)));
    return 0;
  }
  const std::string& what = arguments.operands.front();
  const auto subsystem = find_subsystem(what);
  if (!subsystem)
    return fail(Errc::usage,
                "unknown subsystem " + in_quotes(what) + did_you_mean(what, subsystem_words()));
  const Inventory inventory = read_inventory();
  if (json) {
    TRY(print(map_json(inventory, subsystem)));
    return 0;
  }
  SubsystemView opened{.map = view, .names = arguments.has("--names"), .filter = {}};
  if (const std::string* filter = arguments.find("--filter")) opened.filter = *filter;
  TRY(print(subsystem_page(inventory, hooks_of_gancho(inventory), *subsystem, opened)));
  return 0;
}

}  // namespace

constinit const CommandDesc k_map_command{
    .name = "map",
    .meaning = "Show the kernel's subsystems, and where one can hook into them",
    .operands = k_operands,
    .options = k_options,
    .examples = k_examples,
    .note =
        "Read from the running kernel's types, symbols and tracing files; nothing is attached. "
        "Without root it shows what it can, and says what is missing. In Spanish with LANG=es_*.",
    .run = run,
};

}  // namespace gancho
