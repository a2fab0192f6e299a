// SPDX-License-Identifier: Apache-2.0
//
// A command of gancho as plain data: parsing, help and completion are all made from these tables,
// so that an option is written down once. What it shares with the configuration it takes from
// agent/settings.h.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gancho {

// What completion offers when `words` does not say it; of what stands without an option, `words`
// says the first then, and this what is behind it.
enum class Fill : std::uint8_t { nothing, file, process, cgroup };

// An option, or what stands without one.
struct Parameter {
  std::string_view names{};    // "-o,--output", "--pid"; "EVENT" for what stands without an option
  std::string_view setting{};  // whose value, meaning and words it has; "" for none
  std::string_view value{};    // how help calls its value; "" for the setting's, or for a flag
  std::string_view meaning{};  // no trailing dot; "" for the setting's
  std::vector<std::string_view> (*words)() =
      nullptr;  // that it takes; null for the setting's, or for anything
  Fill fill = Fill::nothing;
  bool flag = false;   // takes no value
  bool again = false;  // may be given again: each is one element of its setting, which is a list
  // Of operands: behind the first word `before` come these, and no files.
  std::string_view before{};
  std::vector<std::string_view> (*behind)() = nullptr;
};

struct Arguments;

struct CommandDesc {
  std::string_view name{};
  std::string_view meaning{};             // no trailing dot
  std::span<const Parameter> operands{};  // at most one: what stands without an option
  bool required = false;                  // at least one of it
  bool repeated = false;                  // any number of it
  std::span<const Parameter> options{};
  std::span<const std::string_view> examples{};
  std::string_view note{};  // below the options: units, exit status; whole sentences
  bool hidden = false;      // neither in the help nor completed
  // Returns the exit status.
  Result<int> (*run)(const Arguments& arguments) = nullptr;
};

// A command line that fits its table. Values are not judged yet.
struct Arguments {
  const CommandDesc* command = nullptr;  // null when none was named
  bool help = false;
  bool version = false;
  std::vector<std::string> operands;
  // By long name; a flag's value is "". Several only of what may be given again.
  std::map<std::string, std::vector<std::string>, std::less<>> given;

  [[nodiscard]] bool has(std::string_view long_name) const { return given.contains(long_name); }
  // nullptr when it was not given.
  [[nodiscard]] const std::string* find(std::string_view long_name) const {
    const auto found = given.find(long_name);
    return found == given.end() ? nullptr : &found->second.front();
  }
  [[nodiscard]] std::span<const std::string> all(std::string_view long_name) const {
    const auto found = given.find(long_name);
    return found == given.end() ? std::span<const std::string>() : found->second;
  }
};

// "--output" of "-o,--output"
[[nodiscard]] std::string_view long_name(const Parameter& option);
// "-o", or ""
[[nodiscard]] std::string_view short_name(const Parameter& option);

// Its own, or else its setting's.
[[nodiscard]] std::string_view value_of(const Parameter& parameter);
[[nodiscard]] std::string_view meaning_of(const Parameter& parameter);
[[nodiscard]] std::vector<std::string_view> words_of(const Parameter& parameter);
// Is the option's value several words with commas?
[[nodiscard]] bool is_list(const Parameter& option);

}  // namespace gancho
