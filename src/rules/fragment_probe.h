// SPDX-License-Identifier: Apache-2.0
//
// Texts that rules look for inside of others. Each has four bytes by which it is found: a text of
// an event is gone through once, and at hardly any place of it are there four that anybody waits
// for. Small and capital letters of ASCII are the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ascii.h"
#include "rules/text_demand.h"

namespace gancho::rules {

class FragmentProbe {
 public:
  // Of k_fragment_min bytes or more; `rules` is what is told of it.
  void add(std::string_view fragment, Range rules);
  void finish();  // after the last

  // Calls visit(rules) for each that is inside; of one that is there twice, it may do so twice.
  template <class Visit>
  void for_each(std::string_view text, const Visit& visit) const {
    if (text.size() < k_gram || fragments_.empty()) return;
    std::uint32_t gram = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      gram = gram << 8U | byte(text[at]);
      const std::uint32_t slot = slot_of(gram);
      if ((seen_[slot / 64] >> slot % 64 & 1) == 0 || at + 1 < k_gram) continue;
      const auto found = by_gram_.find(gram);
      if (found == by_gram_.end()) continue;
      for (const Fragment& one :
           std::span(fragments_).subspan(found->second.first, found->second.count))
        if (is_at(one, text, at + 1)) visit(one.rules);
    }
  }

 private:
  static constexpr std::size_t k_gram = 4;
  static_assert(k_gram <= k_fragment_min);

  struct Fragment {
    std::string text;        // its letters small
    std::size_t behind = 0;  // where its four bytes end
    std::uint32_t gram = 0;
    Range rules;
  };

  static std::uint32_t byte(char c) { return static_cast<unsigned char>(lower(c)); }
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t gram) const {
    return (gram * 0x9e3779b1U) >> shift_;
  }
  // Does it stand where its four bytes end at `behind` in the text?
  static bool is_at(const Fragment& one, std::string_view text, std::size_t behind) {
    if (behind < one.behind) return false;
    text.remove_prefix(behind - one.behind);
    return text.size() >= one.text.size() &&
           std::equal(one.text.begin(), one.text.end(), text.begin(),
                      [](char mine, char other) { return mine == lower(other); });
  }

  std::vector<Fragment> fragments_;  // by their four bytes
  boost::unordered_flat_map<std::uint32_t, Range> by_gram_;
  std::vector<std::uint64_t> seen_;  // a bit for each slot that a gram has
  std::uint32_t shift_ = 0;
};

}  // namespace gancho::rules
