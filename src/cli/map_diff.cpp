// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>
#include <map>
#include <utility>

#include "cli/map_page.h"
#include "cli/map_uprobe.h"

namespace gancho {
namespace {

using enum MapDifference::What;

constexpr Text k_left_out{"Not compared, one of the two could not read it: {}",
                          "No se compara, uno de los dos no lo pudo leer: {}"};
constexpr Text k_same{"No difference.", "Ninguna diferencia."};

std::string_view sign(MapDifference::What what) {
  return what == only_first ? "-" : what == only_second ? "+" : "~";
}

std::string_view word(MapDifference::What what) {
  return what == only_first ? "only_first" : what == only_second ? "only_second" : "changed";
}

struct Sums {
  std::size_t gone = 0;
  std::size_t come = 0;
  std::size_t changed = 0;
};

std::map<PlaceKind, Sums> sums_of(const std::vector<MapDifference>& differences) {
  std::map<PlaceKind, Sums> sums;
  for (const MapDifference& one : differences) {
    Sums& sum = sums[one.kind];
    ++(one.what == only_first ? sum.gone : one.what == only_second ? sum.come : sum.changed);
  }
  return sums;
}

void put_hanging(MapTable& table, std::string_view sign,
                 const std::vector<MapDocument::Hanging>& hanging) {
  for (const MapDocument::Hanging& one : hanging)
    table.row({fmt::format("{} attached", sign), harmless(one.how), harmless(one.place),
               fmt::format("{}{}{} [{}]", harmless(one.detail), one.detail.empty() ? "" : "  ",
                           harmless(one.program), harmless(one.tag))});
}

void put_hanging_json(std::string& out, std::string_view key,
                      const std::vector<MapDocument::Hanging>& hanging) {
  fmt::format_to(std::back_inserter(out), ",\n\"{}\":[", key);
  std::string_view separator = "\n";
  for (const MapDocument::Hanging& one : hanging) {
    out += separator;
    out += "{\"how\":";
    put_text(out, one.how);
    out += ",\"place\":";
    put_text(out, one.place);
    out += ",\"detail\":";
    put_text(out, one.detail);
    out += ",\"program\":";
    put_text(out, one.program);
    out += ",\"tag\":";
    put_text(out, one.tag);
    out += '}';
    separator = ",\n";
  }
  out += ']';
}

}  // namespace

std::string diff_page(const MapDocument& first, const MapDocument& second, const MapView& view) {
  const auto differences = compare(first, second);
  MapPage page(view);
  page.title(fmt::format("- {}   + {}", harmless(first.release), harmless(second.release)));
  const auto attached = compare_attached(first, second);
  const bool same =
      differences.empty() && attached.only_first.empty() && attached.only_second.empty();
  if (same) page.text(k_same.in(view.language));
  for (const auto& [kind, sum] : sums_of(differences))
    page.code(
        fmt::format("{:<16} -{} +{} ~{}", place_kind_name(kind), sum.gone, sum.come, sum.changed));
  std::string skipped;
  for (const PlaceKind kind : left_out(first, second))
    skipped.append(skipped.empty() ? "" : ", ").append(place_kind_name(kind));
  if (attached.left_out) skipped.append(skipped.empty() ? "" : ", ").append("attached");
  if (!skipped.empty()) page.text(fmt::format(fmt::runtime(k_left_out.in(view.language)), skipped));
  if (!same) page.blank();
  MapTable table = page.rows(0);
  for (const MapDifference& one : differences) {
    std::string rest = harmless(one.how);
    if (!one.module.empty()) rest += (rest.empty() ? "[" : " [") + harmless(one.module) + "]";
    table.row({fmt::format("{} {}", sign(one.what), place_kind_name(one.kind)),
               std::string(subsystem_name(one.subsystem)), harmless(one.name), std::move(rest)});
  }
  put_hanging(table, "-", attached.only_first);
  put_hanging(table, "+", attached.only_second);
  page.table(table);
  return page.take();
}

std::string diff_json(const MapDocument& first, const MapDocument& second) {
  std::string out = "{\"format\":1,\"first\":";
  put_text(out, first.release);
  out += ",\"second\":";
  put_text(out, second.release);
  out += ",\"left_out\":[";
  for (std::size_t i = 0; const PlaceKind kind : left_out(first, second))
    fmt::format_to(std::back_inserter(out), "{}\"{}\"", i++ == 0 ? "" : ",", place_kind_name(kind));
  out += "],\n\"differences\":[";
  std::string_view separator = "\n";
  for (const MapDifference& one : compare(first, second)) {
    fmt::format_to(std::back_inserter(out),
                   "{}{{\"what\":\"{}\",\"kind\":\"{}\",\"subsystem\":\"{}\",\"name\":", separator,
                   word(one.what), place_kind_name(one.kind), subsystem_name(one.subsystem));
    put_text(out, one.name);
    if (!one.module.empty()) {
      out += ",\"module\":";
      put_text(out, one.module);
    }
    if (!one.how.empty()) {
      out += ",\"how\":";
      put_text(out, one.how);
    }
    out += '}';
    separator = ",\n";
  }
  out += ']';
  const auto attached = compare_attached(first, second);
  if (!attached.left_out) {
    put_hanging_json(out, "detached", attached.only_first);
    put_hanging_json(out, "attached", attached.only_second);
  }
  out += "}\n";
  return out;
}

}  // namespace gancho
