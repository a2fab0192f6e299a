// SPDX-License-Identifier: Apache-2.0
#include "sinks/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace gancho {
namespace {

constexpr std::uint64_t k_minute_ns = 60'000'000'000;
constexpr std::size_t k_sets = 1024;  // a power of two
constexpr std::size_t k_ways = 4;

}  // namespace

AlertLimits::AlertLimits(const AlertLimitSettings& settings, std::size_t rules, const SipKey& key)
    : settings_(settings), key_(key), rules_(rules) {
  settings_.burst = std::max(settings_.burst, 1U);
  if (settings_.rate != 0) interval_ns_ = std::max<std::uint64_t>(k_minute_ns / settings_.rate, 1);
  if (settings_.window_ns != 0) seen_.resize(k_sets * k_ways);
}

bool AlertLimits::admit(std::size_t rule, std::string_view fields, std::uint64_t now_ns) {
  if (rule >= rules_.size()) return true;
  PerRule& own = rules_[rule];
  std::uint64_t hash = 0;
  if (!seen_.empty()) {
    // Of the rule too: two rules may show the same fields.
    SipKey key = key_;
    key.second ^= rule;
    hash = siphash(key, fields);
    if (find(hash, now_ns) != nullptr) {
      suppress(own, own.repeated, now_ns);
      ++repeated_;
      return false;
    }
  }
  if (interval_ns_ != 0) {
    // A bucket of `burst` tokens that fills by one each interval, as the time when it is full.
    const std::uint64_t full = std::max(own.full_ns, now_ns) + interval_ns_;
    if (full - now_ns > interval_ns_ * settings_.burst) {
      suppress(own, own.over_rate, now_ns);
      ++over_rate_;
      return false;
    }
    own.full_ns = full;
  }
  if (!seen_.empty()) remember(hash, now_ns);
  return true;
}

AlertLimits::Seen* AlertLimits::find(std::uint64_t hash, std::uint64_t now_ns) {
  const std::size_t set = (hash & (k_sets - 1)) * k_ways;
  for (Seen& seen : std::span(seen_).subspan(set, k_ways))
    if (seen.hash == hash && seen.until_ns > now_ns) return &seen;
  return nullptr;
}

AlertLimits::Seen& AlertLimits::place_for(std::uint64_t hash) {
  const std::size_t set = (hash & (k_sets - 1)) * k_ways;
  return *std::ranges::min_element(std::span(seen_).subspan(set, k_ways), {}, &Seen::until_ns);
}

void AlertLimits::remember(std::uint64_t hash, std::uint64_t now_ns) {
  place_for(hash) = {.hash = hash, .until_ns = now_ns + settings_.window_ns};
}

void AlertLimits::suppress(PerRule& rule, std::uint64_t& kind, std::uint64_t now_ns) {
  ++kind;
  if (rule.since_ns != 0) return;
  rule.since_ns = std::max<std::uint64_t>(now_ns, 1);
  oldest_since_ns_ = waiting_ == 0 ? rule.since_ns : std::min(oldest_since_ns_, rule.since_ns);
  ++waiting_;
}

std::optional<std::uint64_t> AlertLimits::report_due_ns() const {
  if (waiting_ == 0) return std::nullopt;
  return oldest_since_ns_ + k_minute_ns;
}

std::optional<Suppressed> AlertLimits::next_report(std::uint64_t now_ns, bool all) {
  if (waiting_ == 0 || (!all && now_ns < *report_due_ns())) return std::nullopt;
  std::optional<Suppressed> report;
  std::uint64_t oldest = UINT64_MAX;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    PerRule& rule = rules_[i];
    if (rule.since_ns == 0) continue;
    if (!report && (all || now_ns >= rule.since_ns + k_minute_ns)) {
      report = Suppressed{.rule = i,
                          .over_rate = rule.over_rate,
                          .repeated = rule.repeated,
                          .since_ns = rule.since_ns,
                          .until_ns = now_ns};
      rule.over_rate = rule.repeated = rule.since_ns = 0;
      --waiting_;
      continue;
    }
    oldest = std::min(oldest, rule.since_ns);
  }
  oldest_since_ns_ = oldest;
  return report;
}

std::string describe(const Suppressed& suppressed, std::string_view rule) {
  const std::uint64_t count = suppressed.over_rate + suppressed.repeated;
  const std::uint64_t seconds =
      (suppressed.until_ns - std::min(suppressed.until_ns, suppressed.since_ns)) / 1'000'000'000;
  std::string out = fmt::format("{} more alert{} of rule \"{}\" in the last {} s (", count,
                                count == 1 ? "" : "s", rule, std::max<std::uint64_t>(seconds, 1));
  if (suppressed.over_rate != 0) out += fmt::format("{} over the rate", suppressed.over_rate);
  if (suppressed.repeated != 0)
    out += fmt::format("{}{} repeated", suppressed.over_rate != 0 ? ", " : "", suppressed.repeated);
  return out + ')';
}

}  // namespace gancho
