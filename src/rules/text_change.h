// SPDX-License-Identifier: Apache-2.0
//
// What becomes of texts before they are shown, such as those that hold a password.
#pragma once

#include <functional>
#include <string_view>

namespace gancho::rules {

// What each returns is good until it is called again.
struct TextChange {
  std::function<std::string_view(std::string_view)> text = {};
  // Arguments, with a zero byte behind each: as many as before. An element may say something beside
  // others only, and it is shown alone, too.
  std::function<std::string_view(std::string_view)> list = {};
  // An environment: NAME=VALUE with a zero byte behind each, likewise.
  std::function<std::string_view(std::string_view)> environment = {};
};

}  // namespace gancho::rules
