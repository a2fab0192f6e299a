// SPDX-License-Identifier: Apache-2.0
#include "cli/map_uprobe.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "cli/map_page.h"
#include "cli/map_since.h"

namespace gancho {
namespace {

constexpr Text k_functions{"Functions", "Funciones"};
constexpr Text k_exported{"Functions that others may link to (it is stripped of the rest)",
                          "Funciones con las que otros pueden enlazar (las demás se han quitado)"};
constexpr Text k_probes{"Probes of its authors (USDT)", "Sondas de sus autores (USDT)"};
constexpr Text k_attach{"Attached as", "Se engancha como"};
constexpr auto k_ways = std::to_array<std::string_view>({"uprobe", "uretprobe", "uprobe.multi"});
constexpr auto k_usdt_ways =
    std::to_array<std::string_view>({"uprobe", "uprobe.multi", "USDT semaphore"});
constexpr Text k_none{"none", "ninguna"};
constexpr Text k_stepped{"single-stepped", "paso a paso"};
constexpr Text k_long_nop{"single-stepped before Linux 6.17 or so",
                          "paso a paso antes de Linux 6.17, más o menos"};
constexpr Text k_semaphore{"semaphore", "semáforo"};
constexpr Text k_why{
    "A probe on a single-stepped instruction costs some twenty times as much as on one that the "
    "kernel emulates (nop, push, jump, call): choose another instruction of the function.",
    "Una sonda en una instrucción que se ejecuta paso a paso cuesta unas veinte veces más que en "
    "una "
    "que el núcleo emula (nop, push, salto, call): elija otra instrucción de la función."};
constexpr Text k_example{"Example", "Ejemplo"};

bool wanted(const std::string& filter, const std::string& name) {
  return filter.empty() || ::fnmatch(filter.c_str(), name.c_str(), 0) == 0;
}

std::string whole_name(const ElfProbe& probe) {
  return probe.provider + ":" + probe.name;
}

bool wanted(const std::string& filter, const ElfProbe& probe) {
  return wanted(filter, probe.name) || wanted(filter, whole_name(probe));
}

std::string_view note(UprobeCost cost, Language language) {
  switch (cost) {
    case UprobeCost::single_stepped:
      return k_stepped.in(language);
    case UprobeCost::long_nop:
      return k_long_nop.in(language);
    case UprobeCost::emulated:
    case UprobeCost::unknown:
      return "";
  }
  return "";
}

}  // namespace

std::string uprobe_page(std::string_view path, const ElfPlaces& places, const std::string& filter,
                        const MapView& view) {
  const Language language = view.language;
  MapPage page(view);
  bool stepped = false;
  std::string first;
  page.title((places.stripped ? k_exported : k_functions).in(language));
  page.fact(k_attach.in(language), with_releases(k_ways, language));
  MapTable functions = page.rows();
  for (const ElfFunction& function : places.functions) {
    if (!wanted(filter, function.name)) continue;
    functions.row({fmt::format("{:#012x}", function.address), harmless(function.name),
                   std::string(note(function.cost, language))});
    stepped |= function.cost == UprobeCost::single_stepped;
    if (first.empty())
      first = fmt::format("bpftrace -e 'uprobe:{}:{} {{ @[comm] = count(); }}'", harmless(path),
                          harmless(function.name));
  }
  page.table(functions);
  if (first.empty()) page.text(k_none.in(language), 2);
  page.title(k_probes.in(language));
  MapTable probes = page.rows();
  bool any = false;
  for (const ElfProbe& probe : places.probes) {
    if (!wanted(filter, probe)) continue;
    if (!any) page.fact(k_attach.in(language), with_releases(k_usdt_ways, language));
    std::string rest = harmless(probe.arguments);
    if (probe.semaphore) rest.append(rest.empty() ? "" : "  ").append(k_semaphore.in(language));
    if (const auto more = note(probe.cost, language); !more.empty())
      rest.append(rest.empty() ? "" : "  ").append(more);
    probes.row(
        {fmt::format("{:#012x}", probe.address), harmless(whole_name(probe)), std::move(rest)});
    if (!any)
      first = fmt::format("bpftrace -e 'usdt:{}:{} {{ @[comm] = count(); }}'", harmless(path),
                          harmless(whole_name(probe)));
    any = true;
  }
  page.table(probes);
  if (!any) page.text(k_none.in(language), 2);
  if (!first.empty()) {
    page.title(k_example.in(language));
    page.code(first);
  }
  if (stepped) {
    page.blank();
    page.text(k_why.in(language));
  }
  return page.take();
}

namespace {

std::string_view cost_name(UprobeCost cost) {
  switch (cost) {
    case UprobeCost::emulated:
      return "emulated";
    case UprobeCost::long_nop:
      return "long_nop";
    case UprobeCost::single_stepped:
      return "single_stepped";
    case UprobeCost::unknown:
      return "unknown";
  }
  return "unknown";
}

void put_spot(std::string& out, std::string_view name, std::uint64_t address, std::uint64_t offset,
              UprobeCost cost) {
  out += "{\"name\":";
  put_text(out, name);
  fmt::format_to(std::back_inserter(out), ",\"address\":{},\"offset\":{},\"cost\":\"{}\"", address,
                 offset, cost_name(cost));
}

}  // namespace

std::string uprobe_json(std::string_view path, const ElfPlaces& places, const std::string& filter) {
  std::string out = "{\"format\":1,\"path\":";
  put_text(out, path);
  fmt::format_to(std::back_inserter(out), ",\"stripped\":{},\"functions\":[", places.stripped);
  std::string_view separator = "\n";
  for (const ElfFunction& function : places.functions) {
    if (!wanted(filter, function.name)) continue;
    out += separator;
    put_spot(out, function.name, function.address, function.offset, function.cost);
    out += '}';
    separator = ",\n";
  }
  out += "],\n\"usdt\":[";
  separator = "\n";
  for (const ElfProbe& probe : places.probes) {
    if (!wanted(filter, probe)) continue;
    out += separator;
    put_spot(out, probe.name, probe.address, probe.offset, probe.cost);
    out += ",\"provider\":";
    put_text(out, probe.provider);
    out += ",\"arguments\":";
    put_text(out, probe.arguments);
    fmt::format_to(std::back_inserter(out), ",\"semaphore\":{}}}", probe.semaphore);
    separator = ",\n";
  }
  out += "]}\n";
  return out;
}

}  // namespace gancho
