// SPDX-License-Identifier: Apache-2.0
//
// Colours of gancho map.
#pragma once

#include <string>
#include <string_view>

namespace gancho {

inline constexpr std::string_view k_normal = "\033[0m";
inline constexpr std::string_view k_bold = "\033[1m";
inline constexpr std::string_view k_faint = "\033[2m";
inline constexpr std::string_view k_green = "\033[32m";
inline constexpr std::string_view k_yellow = "\033[33m";

inline void put(std::string& page, std::string_view text, std::string_view colour, bool colours) {
  const bool coloured = colours && !colour.empty() && !text.empty();
  if (coloured) page += colour;
  page += text;
  if (coloured) page += k_normal;
}

}  // namespace gancho
