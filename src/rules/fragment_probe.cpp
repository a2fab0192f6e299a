// SPDX-License-Identifier: Apache-2.0
#include "rules/fragment_probe.h"

#include <bit>

namespace gancho::rules {
namespace {

// Bits of the filter for each fragment: one place of a text in so many is looked at in vain.
constexpr std::size_t k_slots_each = 64;
constexpr std::size_t k_fewest_slots = 4096;
constexpr std::size_t k_most_slots = std::size_t{1} << 20;

}  // namespace

void FragmentProbe::add(std::string_view fragment, Range rules) {
  fragments_.push_back({.text = lowered(fragment), .behind = 0, .gram = 0, .rules = rules});
}

void FragmentProbe::finish() {
  const auto each_gram = [](const Fragment& one, const auto& visit) {
    std::uint32_t gram = 0;
    for (std::size_t at = 0; at < one.text.size(); ++at) {
      gram = gram << 8U | byte(one.text[at]);
      if (at + 1 >= k_gram) visit(gram, at + 1);
    }
  };
  // Each by what the fewest of the others have, too.
  boost::unordered_flat_map<std::uint32_t, std::size_t> users;
  for (const Fragment& one : fragments_)
    each_gram(one, [&](std::uint32_t gram, std::size_t) { ++users[gram]; });
  for (Fragment& one : fragments_) {
    std::size_t fewest = SIZE_MAX;
    each_gram(one, [&](std::uint32_t gram, std::size_t behind) {
      if (users[gram] >= fewest) return;
      fewest = users[gram];
      one.gram = gram;
      one.behind = behind;
    });
  }
  std::ranges::sort(fragments_, {}, &Fragment::gram);

  const std::size_t slots =
      std::bit_ceil(std::clamp(fragments_.size() * k_slots_each, k_fewest_slots, k_most_slots));
  shift_ = 32U - static_cast<std::uint32_t>(std::countr_zero(slots));
  seen_.assign(slots / 64, 0);
  for (Index i = 0; i < fragments_.size(); ++i) {
    const std::uint32_t gram = fragments_[i].gram;
    seen_[slot_of(gram) / 64] |= std::uint64_t{1} << slot_of(gram) % 64;
    ++by_gram_.try_emplace(gram, Range{.first = i, .count = 0}).first->second.count;
  }
}

}  // namespace gancho::rules
