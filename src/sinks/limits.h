// SPDX-License-Identifier: Apache-2.0
//
// How many alerts pass. A rule has so many a minute and so many at once; the same alert again
// within a window does not pass either. What is suppressed is counted by rule, and told about: no
// alert goes without a trace. Memory is taken once; times are of the boot clock. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/siphash.h"

namespace gancho {

struct AlertLimitSettings {
  std::uint32_t rate = 0;       // of one rule in a minute; 0: no limit
  std::uint32_t burst = 1;      // of one rule at once, at least 1
  std::uint64_t window_ns = 0;  // of de-duplication; 0: none
};

// What did not pass of one rule.
struct Suppressed {
  std::size_t rule = 0;
  std::uint64_t over_rate = 0;
  std::uint64_t repeated = 0;
  std::uint64_t since_ns = 0;  // boot clock: the first of them
  std::uint64_t until_ns = 0;  // the report
};

class AlertLimits {
 public:
  // For rules that are called 0 to rules - 1. `key` is a secret (random_key()): whoever chooses the
  // words of alerts must not be able to make two look the same.
  AlertLimits(const AlertLimitSettings& settings, std::size_t rules, const SipKey& key);

  // `fields`: the rule's output fields with their values, rendered in any one way.
  [[nodiscard]] bool admit(std::size_t rule, std::string_view fields, std::uint64_t now_ns);

  // A minute after the first that was suppressed, what was since; with `all` at once. Ask until
  // there is none.
  [[nodiscard]] std::optional<Suppressed> next_report(std::uint64_t now_ns, bool all = false);

  // When next_report() has something to say without `all`; nullopt when nothing is suppressed.
  [[nodiscard]] std::optional<std::uint64_t> report_due_ns() const;

  [[nodiscard]] std::uint64_t over_rate() const { return over_rate_; }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  struct PerRule {
    std::uint64_t full_ns = 0;  // when its bucket would be full again
    std::uint64_t over_rate = 0;
    std::uint64_t repeated = 0;
    std::uint64_t since_ns = 0;  // 0: nothing is suppressed
  };
  struct Seen {
    std::uint64_t hash = 0;
    std::uint64_t until_ns = 0;  // 0: free
  };
  void suppress(PerRule& rule, std::uint64_t& kind, std::uint64_t now_ns);
  [[nodiscard]] Seen* find(std::uint64_t hash, std::uint64_t now_ns);
  [[nodiscard]] Seen& place_for(std::uint64_t hash);
  void remember(std::uint64_t hash, std::uint64_t now_ns);

  AlertLimitSettings settings_;
  std::uint64_t interval_ns_ = 0;  // of one token
  SipKey key_;
  std::vector<PerRule> rules_;
  // Sets of k_ways: of a full one the oldest goes, and what it was of passes once more.
  std::vector<Seen> seen_;
  std::size_t waiting_ = 0;            // rules with something suppressed
  std::uint64_t oldest_since_ns_ = 0;  // of those, when there are any
  std::uint64_t over_rate_ = 0;
  std::uint64_t repeated_ = 0;
};

// `37 more alerts of rule "Shell in a container" in the last 60 s (30 over the rate, 7 repeated)`
[[nodiscard]] std::string describe(const Suppressed& suppressed, std::string_view rule);

}  // namespace gancho
