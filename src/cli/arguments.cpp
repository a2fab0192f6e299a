// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include "agent/settings.h"

namespace gancho {

std::string_view long_name(const Parameter& option) {
  return option.names.substr(option.names.find(',') + 1);
}

std::string_view short_name(const Parameter& option) {
  const auto comma = option.names.find(',');
  return comma == std::string_view::npos ? "" : option.names.substr(0, comma);
}

std::string_view value_of(const Parameter& parameter) {
  if (parameter.flag || !parameter.value.empty()) return parameter.value;
  const Setting* setting = find_setting(parameter.setting);
  return setting == nullptr ? "" : setting->value;
}

std::string_view meaning_of(const Parameter& parameter) {
  if (!parameter.meaning.empty()) return parameter.meaning;
  const Setting* setting = find_setting(parameter.setting);
  return setting == nullptr ? "" : setting->meaning;
}

std::vector<std::string_view> words_of(const Parameter& parameter) {
  if (parameter.flag) return {};
  if (parameter.words != nullptr) return parameter.words();
  const Setting* setting = find_setting(parameter.setting);
  return setting == nullptr || setting->choices == nullptr ? std::vector<std::string_view>{}
                                                           : setting->choices();
}

bool is_list(const Parameter& option) {
  const Setting* setting = find_setting(option.setting);
  return setting != nullptr && setting->clear != nullptr && !option.again;
}

}  // namespace gancho
