// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

namespace gancho::rules {
namespace {

// A comparison that fewer rules need is as soon asked when they are evaluated.
constexpr std::size_t k_shared_by = 3;

// About what it takes, ns: to read a text and look for it; to begin with a rule that was not ruled
// out.
constexpr double k_look_up_ns = 40;
constexpr double k_rule_ns = 20;

// To go through a whole text is worth it only for so many rules.
constexpr std::size_t k_inside_by = 8;

constexpr std::size_t k_word = 64;

std::size_t words_for(std::size_t bits) {
  return (bits + k_word - 1) / k_word;
}

void set_bit(RuleBits& bits, std::size_t at) {
  bits[at / k_word] |= std::uint64_t{1} << at % k_word;
}

void clear_bit(RuleBits& bits, std::size_t at) {
  bits[at / k_word] &= ~(std::uint64_t{1} << at % k_word);
}

bool has_bit(const RuleBits& bits, std::size_t at) {
  return (bits[at / k_word] >> at % k_word & 1) != 0;
}

RuleBits all_bits(std::size_t count) {
  RuleBits bits(words_for(count), ~std::uint64_t{0});
  if (count % k_word != 0) bits.back() = (std::uint64_t{1} << count % k_word) - 1;
  return bits;
}

std::size_t count_bits(const RuleBits& bits) {
  std::size_t sum = 0;
  for (const std::uint64_t word : bits) sum += static_cast<std::size_t>(std::popcount(word));
  return sum;
}

// What is looked up: the operand, and which part of it.
using Place = std::pair<Index, TextPart>;

// How the demands of all rules compare, by how many rules they leave.
class Weights {
 public:
  Weights(const TypedRules& rules, std::span<const Index> chosen)
      : terms_(rules.terms), rules_(chosen.size()), known_(2 * rules.terms.comparisons.size()) {
    for (const Index rule : chosen) {
      std::set<Index> own;
      for (const Step& step : rules.rules[rule].logic.steps) {
        const Needed needed{.comparison = step.comparison, .wanted = step.wanted};
        if (!own.insert(static_cast<Index>(slot(needed))).second) continue;
        find_text_demands(terms_, needed, found_);
        for (const TextDemand& demand : found_) {
          ++users_[{demand.operand, demand.part}];
          for (const std::string_view text : demand.texts) ++askers_[key(demand, text)];
        }
      }
    }
  }

  double operator()(const Needed& needed) {
    std::optional<double>& known = known_[slot(needed)];
    if (!known) known = choose(needed).first;
    return *known;
  }

  // What is best looked up of a comparison; nullopt: nothing.
  std::optional<TextDemand> best(const Needed& needed) {
    const auto [weight, at] = choose(needed);
    return std::isfinite(weight) ? std::optional(std::move(found_[at])) : std::nullopt;
  }

 private:
  static constexpr double k_no_use = std::numeric_limits<double>::infinity();

  static std::size_t slot(const Needed& needed) {
    return 2 * std::size_t{needed.comparison} + (needed.wanted ? 1 : 0);
  }
  // Of a demand's text. Should two have the same, a rule is looked up by what is less good.
  static std::uint64_t key(const TextDemand& demand, std::string_view text) {
    return hash_bytes(text) + (std::uint64_t{demand.operand} << 3U) +
           static_cast<std::uint64_t>(demand.part);
  }

  // Of all that can be looked up of a comparison, into found_: the least weight, and whose it is.
  std::pair<double, std::size_t> choose(const Needed& needed) {
    find_text_demands(terms_, needed, found_);
    std::pair<double, std::size_t> chosen{k_no_use, 0};
    for (std::size_t i = 0; i < found_.size(); ++i)
      chosen = std::min(chosen, {weigh(found_[i]), i});
    return chosen;
  }

  double weigh(const TextDemand& demand) {
    const auto users = users_[{demand.operand, demand.part}];
    if (demand.part == TextPart::inside && users < k_inside_by) return k_no_use;
    std::size_t most = 1;
    std::size_t shortest = SIZE_MAX;
    for (const std::string_view text : demand.texts) {
      most = std::max<std::size_t>(most, askers_[key(demand, text)]);
      shortest = std::min(shortest, text.size());
    }
    // A text that most rules ask for (fd.typechar = f) tells them not apart.
    if (most >= k_shared_by && most * 2 > rules_) return k_no_use;
    const bool whole = demand.part == TextPart::whole;
    const double reading =
        (whole ? 1 : 2) * (terms_.operands[demand.operand].several ? 2 : 1) * k_look_up_ns;
    // A short piece is in more texts than a long one.
    const double by_chance =
        whole ? 0 : k_rule_ns / static_cast<double>(std::max<std::size_t>(shortest, 1));
    return reading / std::max(1.0, static_cast<double>(users)) +
           static_cast<double>(most) * k_rule_ns + by_chance;
  }

  const Terms& terms_;
  std::size_t rules_;
  std::vector<TextDemand> found_;
  std::map<Place, std::size_t> users_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> askers_;  // by key()
  std::vector<std::optional<double>> known_;
};

}  // namespace

RuleIndex::RuleIndex(const TypedRules& rules, std::uint16_t type) {
  for (Index i = 0; i < rules.rules.size(); ++i)
    if (rules.rules[i].logic.possible[type]) rules_.push_back(i);
  always_ = all_bits(rules_.size());
  if (rules_.empty()) return;
  add_look_ups(rules, type);
  add_shared(rules, type);
}

void RuleIndex::add_look_ups(const TypedRules& rules, std::uint16_t type) {
  Weights weights(rules, rules_);
  const auto weigh = [&](const Needed& needed) { return weights(needed); };
  for (Index place = 0; place < rules_.size(); ++place) {
    const auto demands = find_demands(rules.terms, rules.rules[rules_[place]].logic, type, weigh);
    if (demands.empty()) continue;
    clear_bit(always_, place);
    for (const Needed& needed : demands.front().any)
      if (const auto demand = weights.best(needed)) add_look_up(rules, *demand, place);
  }
  for (LookUp& one : look_ups_) one.probe.finish();
}

void RuleIndex::add_look_up(const TypedRules& rules, const TextDemand& texts, Index place) {
  auto found = std::ranges::find_if(look_ups_, [&](const LookUp& one) {
    return one.operand == texts.operand && one.part == texts.part;
  });
  if (found == look_ups_.end())
    found = look_ups_.insert(found, {.operand = texts.operand,
                                     .part = texts.part,
                                     .several = rules.terms.operands[texts.operand].several,
                                     .probe = TextProbe(texts.part)});
  for (const std::string_view text : texts.texts) found->probe.add(text, place);
  // Of one rule all come one after another.
  if (found->last_user == place) return;
  found->last_user = place;
  ++found->users;
}

void RuleIndex::add_shared(const TypedRules& rules, std::uint16_t type) {
  std::map<std::pair<Index, bool>, RuleBits> users;
  for (Index place = 0; place < rules_.size(); ++place) {
    if (!has_bit(always_, place)) continue;
    for (const Needed& needed : find_needed(rules.terms, rules.rules[rules_[place]].logic, type)) {
      RuleBits& bits = users[{needed.comparison, needed.wanted}];
      bits.resize(words_for(rules_.size()));
      set_bit(bits, place);
    }
  }
  for (auto& [key, bits] : users)
    if (count_bits(bits) >= k_shared_by)
      shared_.push_back({{.comparison = key.first, .wanted = key.second}, std::move(bits)});
  std::ranges::sort(shared_, std::greater{}, [](const Shared& one) {
    return std::tuple(count_bits(one.users), one.needed.comparison, one.needed.wanted);
  });
}

void RuleIndex::candidates(TermValues& values, RuleBits& left) const {
  left = always_;
  const std::size_t words = left.size();
  for (const LookUp& look_up : look_ups_) {
    const auto mark = [&](std::string_view text) {
      look_up.probe.for_each(text, [&](Index place) { set_bit(left, place); });
    };
    // What is unknown is none of the texts, for certain or not: the rule does not fire.
    if (look_up.several) {
      std::span<const Cell> cells;
      if (!values.values(look_up.operand, cells)) continue;
      for (const Cell& cell : cells) mark(cell.text);
    } else {
      Cell cell;
      if (values.value(look_up.operand, cell) == Found::one) mark(cell.text);
    }
  }
  for (const Shared& shared : shared_) {
    std::size_t waiting = 0;
    for (std::size_t word = 0; word < words && waiting < 2; ++word) {
      const std::uint64_t both = left[word] & shared.users[word];
      if (both != 0) waiting += (both & (both - 1)) != 0 ? 2 : 1;
    }
    if (waiting < 2) continue;  // as soon evaluated
    if (values.truth(shared.needed.comparison) == truth_of(shared.needed.wanted)) continue;
    for (std::size_t word = 0; word < words; ++word) left[word] &= ~shared.users[word];
  }
}

RuleIndex::Summary RuleIndex::summary() const {
  Summary summary;
  for (const LookUp& one : look_ups_)
    summary.look_ups.push_back(
        {.operand = one.operand, .part = one.part, .texts = one.probe.size(), .rules = one.users});
  for (const Shared& one : shared_)
    summary.asked.push_back({.needed = one.needed, .rules = count_bits(one.users)});
  return summary;
}

}  // namespace gancho::rules
