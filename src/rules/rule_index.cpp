// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_index.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gancho::rules {
namespace {

// Fewer than so many rules are as soon evaluated as ruled out.
constexpr std::size_t k_worth_it = 4;

constexpr std::size_t k_word = 64;

std::size_t words_for(std::size_t bits) {
  return (bits + k_word - 1) / k_word;
}

void set_bit(RuleBits& bits, std::size_t at) {
  bits[at / k_word] |= std::uint64_t{1} << at % k_word;
}

RuleBits all_bits(std::size_t count) {
  RuleBits bits(words_for(count), ~std::uint64_t{0});
  if (count % k_word != 0) bits.back() = (std::uint64_t{1} << count % k_word) - 1;
  return bits;
}

// The texts of which an operand with one value must be one; false: that is not what it asks.
bool wanted_texts(const Terms& terms, const Needed& needed, std::vector<std::string_view>& texts) {
  const TypedComparison& comparison = terms.comparisons[needed.comparison];
  if (comparison.kind != ValueKind::text || comparison.types != k_none ||
      comparison.right != k_none || terms.operands[comparison.left].several ||
      needed.wanted == comparison.negated)
    return false;
  texts.clear();
  if (comparison.set != k_none) {
    if (comparison.op == Operator::pmatch || comparison.negated) return false;
    for (const std::string& text : terms.sets[comparison.set].texts) texts.emplace_back(text);
    return true;
  }
  if (comparison.op != Operator::equal || comparison.modifier != Modifier::none) return false;
  texts.emplace_back(terms.constants[comparison.constants.first].text);
  return true;
}

}  // namespace

RuleIndex::RuleIndex(const TypedRules& rules, std::uint16_t type) {
  for (Index i = 0; i < rules.rules.size(); ++i)
    if (rules.rules[i].logic.possible[type]) rules_.push_back(i);
  all_ = all_bits(rules_.size());
  add_lookups(rules);
  add_shared(rules);
}

void RuleIndex::add_lookups(const TypedRules& rules) {
  struct Asker {
    Index place;
    Needed needed;
  };
  std::map<Index, std::vector<Asker>> askers;  // by operand
  std::vector<std::string_view> texts;
  for (Index place = 0; place < rules_.size(); ++place)
    for (const Needed& needed : rules.rules[rules_[place]].logic.needed) {
      if (!wanted_texts(rules.terms, needed, texts)) continue;
      auto& of_operand = askers[rules.terms.comparisons[needed.comparison].left];
      // One of a rule's demands is enough.
      if (of_operand.empty() || of_operand.back().place != place)
        of_operand.push_back({place, needed});
    }
  for (const auto& [operand, all] : askers) {
    if (all.size() < k_worth_it) continue;
    Lookup& lookup = lookups_.emplace_back();
    lookup.operand = operand;
    lookup.others = all_;
    for (const Asker& asker : all) {
      lookup.others[asker.place / k_word] &= ~(std::uint64_t{1} << asker.place % k_word);
      (void)wanted_texts(rules.terms, asker.needed, texts);
      for (const std::string_view text : texts) lookup.rules[text].push_back(asker.place);
    }
  }
}

void RuleIndex::add_shared(const TypedRules& rules) {
  std::map<std::pair<Index, bool>, RuleBits> users;
  for (Index place = 0; place < rules_.size(); ++place)
    for (const Needed& needed : rules.rules[rules_[place]].logic.needed) {
      // By the type it was decided when the rules of this type were chosen, but for single calls.
      if (rules.terms.comparisons[needed.comparison].types != k_none) continue;
      RuleBits& bits = users[{needed.comparison, needed.wanted}];
      bits.resize(words_for(rules_.size()));
      set_bit(bits, place);
    }
  const auto count = [](const RuleBits& bits) {
    std::size_t sum = 0;
    for (const std::uint64_t word : bits)
      sum += static_cast<std::size_t>(__builtin_popcountll(word));
    return sum;
  };
  for (auto& [key, bits] : users)
    if (count(bits) >= k_worth_it)
      shared_.push_back({{.comparison = key.first, .wanted = key.second}, std::move(bits)});
  std::ranges::stable_sort(
      shared_, [&](const Shared& a, const Shared& b) { return count(a.users) > count(b.users); });
}

void RuleIndex::candidates(TermValues& values, RuleBits& left) const {
  left = all_;
  const std::size_t words = left.size();
  for (const Lookup& lookup : lookups_) {
    Cell cell;
    std::span<const Index> found;
    // What is unknown is none of the texts, for certain or not: the rule does not fire.
    if (values.value(lookup.operand, cell) == Found::one) {
      const auto known = lookup.rules.find(cell.text);
      if (known != lookup.rules.end()) found = known->second;
    }
    // Places ascend, and so one word after the other is whole.
    std::size_t next = 0;
    for (std::size_t word = 0; word < words; ++word) {
      std::uint64_t keep = lookup.others[word];
      for (; next < found.size() && found[next] / k_word == word; ++next)
        keep |= std::uint64_t{1} << found[next] % k_word;
      left[word] &= keep;
    }
  }
  for (const Shared& shared : shared_) {
    std::size_t waiting = 0;
    for (std::size_t word = 0; word < words; ++word)
      waiting += static_cast<std::size_t>(__builtin_popcountll(left[word] & shared.users[word]));
    if (waiting < 2) continue;  // as soon evaluated
    if (values.truth(shared.needed.comparison) == truth_of(shared.needed.wanted)) continue;
    for (std::size_t word = 0; word < words; ++word) left[word] &= ~shared.users[word];
  }
}

}  // namespace gancho::rules
