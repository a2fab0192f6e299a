// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace gancho::rules {

// Of Falco's engine, which a rule file may ask for. Before there were three numbers there was one,
// the one in the middle.
struct EngineVersion {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;

  [[nodiscard]] static std::optional<EngineVersion> parse(std::string_view text);
  [[nodiscard]] std::string print() const;
  [[nodiscard]] bool newer_than(const EngineVersion& other) const {
    return std::tie(major, minor, patch) > std::tie(other.major, other.minor, other.patch);
  }
};

// The newest whose language is known here.
inline constexpr EngineVersion k_engine_version{0, 62, 0};

}  // namespace gancho::rules
