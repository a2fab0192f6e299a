// SPDX-License-Identifier: Apache-2.0
#include "cli/map_since.h"

#include <fmt/format.h>

#include "map/since.h"

namespace gancho {
namespace {

constexpr Text k_from{"from Linux {}", "desde Linux {}"};

}  // namespace

std::string with_releases(std::span<const std::string_view> ways, Language language) {
  std::string text;
  bool said = false;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    text += ways[i];
    const std::string_view release = linux_since(ways[i]);
    const bool last = i + 1 == ways.size();
    if (!last && linux_since(ways[i + 1]) == release) {
      text += ", ";
      continue;
    }
    if (!release.empty())
      text += fmt::format(" ({})",
                          said ? release : fmt::format(fmt::runtime(k_from.in(language)), release));
    said = said || !release.empty();
    if (!last) text += "; ";
  }
  return text;
}

}  // namespace gancho
