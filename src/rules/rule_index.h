// SPDX-License-Identifier: Apache-2.0
//
// Which of many rules are worth a look for an event. Most rules cannot match unless some text is
// one of a few (proc.name in (...), fd.name below some folders, or with "/.ssh/" inside): one look
// at the event's text leaves those that know it, however many there are. What many of the others
// need, such as that a file was opened to be written, is asked once, and its answer rules them all
// out. What is left is evaluated as it stands, so the index decides nothing: it only saves work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rules/demands.h"
#include "rules/term_values.h"
#include "rules/text_probe.h"
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

  // What it does, for people.
  struct Summary {
    struct LookUp {
      Index operand = 0;
      TextPart part = TextPart::whole;
      std::size_t texts = 0;
      std::size_t rules = 0;
    };
    struct Asked {
      Needed needed;
      std::size_t rules = 0;
    };
    std::vector<LookUp> look_ups;
    std::vector<Asked> asked;
  };
  [[nodiscard]] Summary summary() const;

 private:
  struct LookUp {
    Index operand = 0;
    TextPart part = TextPart::whole;
    bool several = false;
    std::size_t users = 0;  // rules
    Index last_user = k_none;
    TextProbe probe;
  };
  // A comparison that several rules need.
  struct Shared {
    Needed needed;
    RuleBits users;
  };

  void add_look_ups(const TypedRules& rules, std::uint16_t type);
  void add_look_up(const TypedRules& rules, const TextDemand& texts, Index place);
  void add_shared(const TypedRules& rules, std::uint16_t type);

  std::vector<Index> rules_;
  RuleBits always_;  // those that no look-up rules out
  std::vector<LookUp> look_ups_;
  std::vector<Shared> shared_;  // the one of most rules first
};

}  // namespace gancho::rules
