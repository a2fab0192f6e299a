// SPDX-License-Identifier: Apache-2.0
#include "cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "agent/settings.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"

namespace gancho {
namespace {

// A list is given as one word with commas.
Status apply(const Setting& setting, std::string_view text, AgentOptions& options) {
  if (setting.clear == nullptr) return setting.set(text, options);
  setting.clear(options);
  for (const auto element : std::views::split(text, ','))
    TRY(setting.set(std::string_view(element), options));
  return {};
}

}  // namespace

Result<std::string_view> word_value(const Arguments& arguments, const Parameter& option,
                                    std::string_view otherwise) {
  const std::string* given = arguments.find(long_name(option));
  if (given == nullptr) return otherwise;
  const auto words = words_of(option);
  if (std::ranges::find(words, *given) != words.end()) return *given;
  std::string hint = did_you_mean(*given, words);
  if (hint.empty()) hint = fmt::format("; write {}", fmt::join(words, ", "));
  return fail(Errc::usage,
              fmt::format("{}: unknown word {}{}", long_name(option), in_quotes(*given), hint));
}

Result<std::uint64_t> count_value(const Arguments& arguments, std::string_view name) {
  const std::string* given = arguments.find(name);
  if (given == nullptr) return 0;
  const auto count = parse_count(*given);
  if (!count) return wrap(std::string(name), count.error());
  if (*count == 0) return fail(Errc::usage, fmt::format("{}: at least 1", name));
  return *count;
}

Result<std::optional<std::chrono::nanoseconds>> duration_value(const Arguments& arguments,
                                                               std::string_view name) {
  const std::string* given = arguments.find(name);
  if (given == nullptr) return std::nullopt;
  const auto duration = parse_duration(*given);
  if (!duration) return wrap(std::string(name), duration.error());
  if (duration->count() == 0)
    return fail(Errc::usage, fmt::format("{}: longer than nothing", name));
  return *duration;
}

Status apply_settings(const Arguments& arguments, AgentOptions& options) {
  for (const Parameter& operand : arguments.command->operands) {
    const Setting* setting = find_setting(operand.setting);
    if (setting == nullptr) continue;
    if (setting->clear != nullptr) setting->clear(options);
    for (const std::string& word : arguments.operands) TRY(setting->set(word, options));
  }
  for (const Parameter& option : arguments.command->options) {
    const Setting* setting = find_setting(option.setting);
    if (setting == nullptr) continue;
    for (const std::string& given : arguments.all(long_name(option))) {
      const std::string_view text = option.flag ? "true" : std::string_view(given);
      const Status status =
          option.again ? setting->set(text, options) : apply(*setting, text, options);
      if (!status) return wrap(std::string(long_name(option)), status.error());
    }
  }
  // In the command line's own words.
  if (const auto conflict = find_conflict(options)) {
    const auto spelled = [&arguments](std::string_view path) {
      const auto& known = arguments.command->options;
      const auto option = std::ranges::find(known, path, &Parameter::setting);
      return option == known.end() ? path : long_name(*option);
    };
    return fail(Errc::usage, fmt::format("{}{}{}", spelled(conflict->first), conflict->relation,
                                         spelled(conflict->second)));
  }
  return {};
}

}  // namespace gancho
