// SPDX-License-Identifier: Apache-2.0
//
// Texts that rules wait for, so that one look at an event's text finds the rules that know it, as a
// whole, by its beginning, by its end, as a path below theirs, or by what is inside of it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "rules/fragment_probe.h"
#include "rules/text_demand.h"
#include "rules/text_match.h"

namespace gancho::rules {

class TextProbe {
 public:
  explicit TextProbe(TextPart part) : part_(part) {}

  // Texts must outlive it. Of one rule the places may be given again.
  void add(std::string_view text, Index rule);
  void finish();  // after the last

  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls visit(rule) for each that knows the text; of one rule it may do so more than once.
  template <class Visit>
  void for_each(std::string_view text, const Visit& visit) const {
    if (part_ == TextPart::inside) {
      fragments_.for_each(text, [&](Range rules) { visit_all(rules, visit); });
      return;
    }
    if (part_ == TextPart::whole) {
      const auto found = places_.find(text);
      if (found != places_.end()) visit_all(found->second, visit);
      return;
    }
    if (part_ == TextPart::path) {
      if (text.empty()) return;
      text = as_path_prefix(text);
    }
    for (std::uint32_t at = last_not_behind(text); at != k_none; at = entries_[at].inner)
      if (fits(text, entries_[at].text)) visit_all(entries_[at].rules, visit);
  }

 private:
  // One of the texts, in their order (of the last byte first, for ends).
  struct Entry {
    std::string_view text;
    std::uint32_t inner = k_none;  // the longest of the others that this one begins with
    Range rules;
  };
  template <class Visit>
  void visit_all(Range range, const Visit& visit) const {
    for (Index i = 0; i < range.count; ++i) visit(rules_[range.first + i]);
  }
  // What begins (ends) the text is found among the last entry that is not behind it in their order,
  // and what that one begins with.
  [[nodiscard]] std::uint32_t last_not_behind(std::string_view text) const;
  [[nodiscard]] bool fits(std::string_view text, std::string_view part) const;

  TextPart part_;
  std::vector<std::pair<std::string_view, Index>> added_;
  std::vector<Index> rules_;
  std::size_t size_ = 0;  // different texts
  boost::unordered_flat_map<std::string_view, Range, TextHash, std::equal_to<>> places_;
  FragmentProbe fragments_;
  std::vector<Entry> entries_;  // of the other parts
};

}  // namespace gancho::rules
