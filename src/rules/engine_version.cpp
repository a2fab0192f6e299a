// SPDX-License-Identifier: Apache-2.0
#include "rules/engine_version.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "base/units.h"

namespace gancho::rules {

std::optional<EngineVersion> EngineVersion::parse(std::string_view text) {
  std::array<std::uint32_t, 3> numbers{};
  std::size_t count = 0;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    const auto number = parse_count(part);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max() || count == numbers.size())
      return std::nullopt;
    numbers[count++] = static_cast<std::uint32_t>(*number);
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  if (count == 1) return EngineVersion{0, numbers[0], 0};
  if (count != numbers.size()) return std::nullopt;
  return EngineVersion{numbers[0], numbers[1], numbers[2]};
}

std::string EngineVersion::print() const {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace gancho::rules
