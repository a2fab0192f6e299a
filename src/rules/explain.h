// SPDX-License-Identifier: Apache-2.0
//
// How rules are evaluated, as plain data for people and machines: what is watched and collected for
// them, what is asked in which order, what that costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.h"
#include "rules/rule.h"
#include "rules/text_probe.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// A field that is read of an event's records.
struct UsedField {
  std::string name;             // as the rule has it: "proc.aname[2]"
  std::optional<Phase> phase;   // nullopt: no record of the event has it
  std::optional<Cost> cost;     // of collecting it
  bool from_processes = false;  // the process table is asked
  bool output_only = false;     // no condition asks it: it is read when a rule fires
};

// One look-up of a text leaves the rules that know it.
struct FirstLookUp {
  std::string operand;
  TextPart part = TextPart::whole;
  std::size_t texts = 0;  // that are known
  std::size_t rules = 0;  // that ask for one of them
};

// One comparison, whose answer rules out all that need the other one.
struct FirstAsked {
  std::string comparison;  // as it must be
  std::size_t rules = 0;
};

struct ExplainedEvent {
  const EventDesc* event = nullptr;
  std::vector<Index> rules;  // of TypedRules::rules
  std::vector<UsedField> fields;
  // Paths that it could have: no rule and no output reads one of them, so none is collected.
  std::vector<std::string_view> left_out;
  std::vector<FirstLookUp> look_ups;
  std::vector<FirstAsked> asked;
};

struct ExplainedStep {
  std::string asks;             // "not proc.name in (bash, sh)": how it must be to go on by `holds`
  bool by_type = false;         // decided by the event's type, at no cost
  std::uint32_t holds = 0;      // the next step, from 0, or Step::k_match, k_no_match
  std::uint32_t otherwise = 0;  // likewise; also when it is unknown
  std::size_t others = 0;       // rules that ask the same, which is answered once
  double ns = 0;                // estimated (rules/cost.h)
};

struct ExplainedRule {
  const Rule* rule = nullptr;
  std::string why_not;  // it does not run; "" when it does, and only then is there what follows
  std::vector<const EventDesc*> events;
  std::vector<UsedField> fields;  // of all these events; phase and cost are the dearest
  std::vector<ExplainedStep> steps;
  double first_ns = 0;  // of the first step that the type does not decide
  double all_ns = 0;    // of every step, each field read once
};

struct Explanation {
  std::vector<std::string> watched;  // words of `gancho watch`
  std::vector<ExplainedEvent> events;
  std::vector<ExplainedRule> rules;  // in the order of the set
  bool needs_processes = false;
  bool environments = false;  // of programs are read
};

// `typed` was made of `set`; both must outlive what is made of them.
[[nodiscard]] Explanation explain(const RuleSet& set, const TypedRules& typed);

}  // namespace gancho::rules
