// SPDX-License-Identifier: Apache-2.0
#include "sinks/facility.h"

#include <syslog.h>

#include <array>
#include <utility>

namespace gancho {
namespace {

constexpr auto k_facilities = std::to_array<std::pair<std::string_view, int>>({
    {"auth", LOG_AUTH},
    {"authpriv", LOG_AUTHPRIV},
    {"cron", LOG_CRON},
    {"daemon", LOG_DAEMON},
    {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7},
    {"syslog", LOG_SYSLOG},
    {"user", LOG_USER},
});

}  // namespace

std::vector<std::string_view> facility_words() {
  std::vector<std::string_view> words;
  for (const auto& [word, number] : k_facilities) words.push_back(word);
  return words;
}

std::optional<int> find_facility(std::string_view word) {
  for (const auto& [known, number] : k_facilities)
    if (known == word) return number;
  return std::nullopt;
}

}  // namespace gancho
