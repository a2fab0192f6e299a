// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

namespace gancho {

// What there is to know about whom we write to.
struct Terminal {
  bool out = false;    // standard output is a terminal
  bool error = false;  // standard error is
  bool plain = false;  // NO_COLOR is set, or the terminal is a dumb one

  [[nodiscard]] static Terminal current();
};

[[nodiscard]] std::vector<std::string_view> color_words();

inline constexpr Parameter k_color_option{
    .names = "--color",
    .setting = "",
    .value = "auto|always|never",
    .meaning = "Colors; with auto, on a terminal when NO_COLOR is not set (default auto)",
    .words = color_words};

// As --color and the terminal have it.
[[nodiscard]] Result<bool> wants_color(const Arguments& arguments, const Terminal& terminal);

}  // namespace gancho
