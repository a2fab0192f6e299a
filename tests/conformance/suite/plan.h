// SPDX-License-Identifier: Apache-2.0
//
// What the actor is told of a case: the case's YAML, written out flat, as "steps/0/args/pathname".
// It comes in a file without a name that each process of the chain inherits, so that being told
// opens nothing.
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gancho::test {

inline constexpr int k_plan_fd = 200;
inline constexpr int k_report_fd_of_actor = 201;  // what went wrong, for people

// Which process of the chain one is: "outside", "0", "1" ...; or "wait": nothing but a process.
inline constexpr auto k_place_variable = "SUITE_PLACE";

// Opened to tell alerts apart: this, the case's number, and one of the three words.
inline constexpr auto k_marker_prefix = "/tmp/suite-marker.";
inline constexpr std::string_view k_marker_start = "start";  // before the first process
inline constexpr std::string_view k_marker_begin = "begin";  // all is prepared: now the steps
inline constexpr std::string_view k_marker_end = "end";

using Plan = std::map<std::string, std::string>;

inline std::string write_plan(const Plan& plan) {
  std::string text;
  for (const auto& [key, value] : plan) {
    text.append(key).push_back('\0');
    text.append(value).push_back('\0');
  }
  return text;
}

inline Plan read_plan(std::string_view text) {
  Plan plan;
  const auto take = [&text] {
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) throw std::runtime_error("the plan is cut");
    std::string word(text.substr(0, end));
    text.remove_prefix(end + 1);
    return word;
  };
  while (!text.empty()) {
    std::string key = take();
    plan[std::move(key)] = take();
  }
  return plan;
}

}  // namespace gancho::test
