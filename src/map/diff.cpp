// SPDX-License-Identifier: Apache-2.0
#include "map/diff.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace gancho {
namespace {

using Entry = MapDocument::Entry;
using enum MapDifference::What;

auto key(const Entry& entry) {
  return std::tie(entry.kind, entry.name, entry.module);
}

bool misses(const MapDocument& map, std::string_view gap) {
  return std::ranges::find(map.missing, gap) != map.missing.end();
}

void put_change(std::string& text, std::string_view word, bool before, bool after) {
  if (before == after) return;
  text.append(text.empty() ? "" : ", ").append(word).append(after ? " now" : " no longer");
}

// What is different of a place that both have; "" for nothing. Functions are compared in what they
// take where both kernels have told it.
std::string change(const Entry& first, const Entry& second, bool told) {
  std::string text;
  if (first.subsystem != second.subsystem)
    text.append("subsystem ")
        .append(subsystem_name(first.subsystem))
        .append(" -> ")
        .append(subsystem_name(second.subsystem));
  if (!told) return text;
  put_change(text, "fentry", first.fentry, second.fentry);
  put_change(text, "kprobe", first.kprobe, second.kprobe);
  return text;
}

}  // namespace

std::vector<PlaceKind> left_out(const MapDocument& first, const MapDocument& second) {
  std::vector<PlaceKind> kinds;
  const auto either = [&](std::string_view gap) {
    return misses(first, gap) || misses(second, gap);
  };
  if (either("tracepoints")) kinds.push_back(PlaceKind::tracepoint);
  if (either("symbols"))
    kinds.insert(kinds.end(), {PlaceKind::syscall, PlaceKind::raw_tracepoint, PlaceKind::function});
  if (either("types"))
    kinds.insert(kinds.end(), {PlaceKind::btf_tracepoint, PlaceKind::lsm, PlaceKind::iterator,
                               PlaceKind::kfunc, PlaceKind::struct_ops, PlaceKind::cgroup});
  return kinds;
}

std::vector<MapDifference> compare(const MapDocument& first, const MapDocument& second) {
  const std::vector<PlaceKind> skipped = left_out(first, second);
  const bool told = !misses(first, "traceable") && !misses(second, "traceable");
  std::vector<MapDifference> differences;
  const auto add = [&](MapDifference::What what, const Entry& entry, std::string how) {
    if (std::ranges::find(skipped, entry.kind) != skipped.end()) return;
    differences.push_back({.what = what,
                           .kind = entry.kind,
                           .subsystem = entry.subsystem,
                           .name = entry.name,
                           .module = entry.module,
                           .how = std::move(how)});
  };
  auto a = first.places.begin();
  auto b = second.places.begin();
  while (a != first.places.end() || b != second.places.end()) {
    if (b == second.places.end() || (a != first.places.end() && key(*a) < key(*b))) {
      add(only_first, *a++, "");
    } else if (a == first.places.end() || key(*b) < key(*a)) {
      add(only_second, *b++, "");
    } else {
      std::string how = change(*a, *b, told);
      if (!how.empty()) add(changed, *b, std::move(how));
      ++a;
      ++b;
    }
  }
  return differences;
}

AttachedDifferences compare_attached(const MapDocument& first, const MapDocument& second) {
  AttachedDifferences differences;
  differences.left_out = misses(first, "attached") || misses(second, "attached");
  if (differences.left_out) return differences;
  std::ranges::set_difference(first.attached, second.attached,
                              std::back_inserter(differences.only_first));
  std::ranges::set_difference(second.attached, first.attached,
                              std::back_inserter(differences.only_second));
  return differences;
}

}  // namespace gancho
