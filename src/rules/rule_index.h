// SPDX-License-Identifier: Apache-2.0
//
// Which of many rules are worth a look for an event. Most rules ask that some text be one of a few
// (proc.name in (...)): one look-up of the event's text leaves those that know it. What many rules
// need, such as that a file was opened to be written, is asked once, and its answer rules them all
// out. What is left is evaluated as it stands, so the index decides nothing: it only saves work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "rules/term_values.h"
#include "rules/text_match.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// One bit for each rule that may match events of a type.
using RuleBits = std::vector<std::uint64_t>;

class RuleIndex {
 public:
  // `rules` must outlive it: its texts are the keys.
  RuleIndex(const TypedRules& rules, std::uint16_t type);

  // The rules that may match events of this type, in their order.
  [[nodiscard]] std::span<const Index> rules() const { return rules_; }

  // Of these, by their places, the ones that are worth a look for the event that `values` began.
  void candidates(TermValues& values, RuleBits& left) const;

 private:
  // A text that rules want to be one of some.
  struct Lookup {
    Index operand = 0;
    RuleBits others;  // rules that do not ask
    boost::unordered_flat_map<std::string_view, std::vector<Index>, TextHash, std::equal_to<>>
        rules;  // places
  };
  // A comparison that several rules need.
  struct Shared {
    Needed needed;
    RuleBits users;
  };

  void add_lookups(const TypedRules& rules);
  void add_shared(const TypedRules& rules);

  std::vector<Index> rules_;
  RuleBits all_;
  std::vector<Lookup> lookups_;
  std::vector<Shared> shared_;  // the one of most rules first
};

}  // namespace gancho::rules
