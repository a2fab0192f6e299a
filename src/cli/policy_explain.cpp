// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>
#include <vector>

#include "cli/columns.h"
#include "rules/field_facts.h"

namespace gancho {
namespace {

using rules::ExplainedEvent;
using rules::ExplainedRule;
using rules::ExplainedStep;
using rules::Explanation;
using rules::Step;
using rules::UsedField;

constexpr std::size_t k_width = 110;
constexpr std::size_t k_widest_step = 64;

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string_view part_word(rules::TextPart part) {
  constexpr auto k_words =
      std::to_array<std::string_view>({"whole", "beginning", "end", "folder", "inside"});
  return k_words[static_cast<std::size_t>(part)];
}

std::string part_words(rules::TextPart part) {
  if (part == rules::TextPart::whole) return {};
  if (part == rules::TextPart::inside) return " by what is inside";
  return fmt::format(" by its {}", part_word(part));
}

// So many columns of it.
std::string cut(std::string_view text, std::size_t width) {
  std::string made = harmless(text);
  if (columns_of(made) <= width) return made;
  while (columns_of(made) > width - 3) {
    while (!made.empty() && (static_cast<unsigned char>(made.back()) & 0xc0U) == 0x80U)
      made.pop_back();
    if (!made.empty()) made.pop_back();
  }
  return made + "...";
}

// "title     a, b, c", in lines below each other.
void put_list(std::string& out, std::string_view title, const std::vector<std::string>& words) {
  if (words.empty()) return;
  constexpr std::size_t k_indent = 16;
  out += pad_right(fmt::format("  {}", title), k_indent);
  out += wrapped(harmless(fmt::format("{}", fmt::join(words, ", "))), k_indent, k_width);
}

// Where a field comes from decides where it stands; what is dear or known late is said.
struct Sources {
  std::vector<std::string> record;
  std::vector<std::string> table;
  std::vector<std::string> output;
};

Sources sources_of(const std::vector<UsedField>& fields) {
  Sources made;
  for (const UsedField& field : fields) {
    std::vector<std::string_view> remarks;
    if (field.phase == Phase::after) remarks.emplace_back("known after");
    if (field.cost == Cost::free) remarks.emplace_back("free");
    if (field.cost == Cost::high) remarks.emplace_back("high");
    const std::string text =
        remarks.empty() ? field.name : fmt::format("{} [{}]", field.name, fmt::join(remarks, ", "));
    if (field.output_only)
      made.output.push_back(field.from_processes ? text + " [process table]" : text);
    else
      (field.from_processes && !field.phase ? made.table : made.record)
          .push_back(field.from_processes && field.phase ? text + " [or process table]" : text);
  }
  return made;
}

void put_fields(std::string& out, const std::vector<UsedField>& fields) {
  const Sources sources = sources_of(fields);
  put_list(out, "record", sources.record);
  put_list(out, "processes", sources.table);
  put_list(out, "output", sources.output);
}

std::vector<std::string> first_of(const ExplainedEvent& event) {
  std::vector<std::string> words;
  for (const rules::FirstLookUp& one : event.look_ups)
    words.push_back(fmt::format("{}{} ({}, {})", one.operand, part_words(one.part),
                                counted(one.texts, "text"), counted(one.rules, "rule")));
  for (const rules::FirstAsked& one : event.asked)
    words.push_back(
        fmt::format("{} ({})", cut(one.comparison, k_widest_step), counted(one.rules, "rule")));
  return words;
}

void put_event(std::string& out, const ExplainedEvent& event, const rules::TypedRules& typed) {
  fmt::format_to(std::back_inserter(out), "\n{}\n", event.event->name);
  std::vector<std::string> names;
  for (const rules::Index rule : event.rules) names.push_back(typed.rules[rule].name);
  put_list(out, counted(event.rules.size(), "rule"), names);
  put_list(out, "asked first", first_of(event));
  put_fields(out, event.fields);
  if (!event.left_out.empty())
    put_list(out, "left out",
             {fmt::format("{}: nothing asks for {}", fmt::join(event.left_out, ", "),
                          event.left_out.size() == 1 ? "it" : "them")});
}

std::string target(std::uint32_t step) {
  if (step == Step::k_match) return "fires";
  if (step == Step::k_no_match) return "-";
  return fmt::format("{}", step + 1);
}

std::string nanoseconds(double ns) {
  return fmt::format("{:.0f}", ns);
}

std::string shared_by(const ExplainedStep& step) {
  if (step.by_type) return "type";
  return step.others == 0 ? std::string() : fmt::format("{}", step.others);
}

void put_steps(std::string& out, const ExplainedRule& rule) {
  std::size_t width = 4;
  for (const ExplainedStep& step : rule.steps)
    width = std::max(width, std::min(columns_of(step.asks), k_widest_step));
  const auto line = [&](std::string_view number, std::string_view asks, std::string_view holds,
                        std::string_view otherwise, std::string_view shared, std::string_view ns) {
    std::string made = "  " + pad_left(number, 4) + "  " + pad_right(asks, width) + "  " +
                       pad_right(holds, 5) + "  " + pad_right(otherwise, 4) + "  " +
                       pad_left(shared, 6) + "  " + pad_left(ns, 4);
    made.erase(made.find_last_not_of(' ') + 1);
    out += made + "\n";
  };
  line("STEP", "ASKS", "HOLDS", "ELSE", "SHARED", "NS");
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    const ExplainedStep& step = rule.steps[i];
    line(fmt::format("{}", i + 1), cut(step.asks, k_widest_step), target(step.holds),
         target(step.otherwise), shared_by(step),
         step.by_type ? std::string() : nanoseconds(step.ns));
  }
}

void put_rule(std::string& out, const ExplainedRule& rule) {
  fmt::format_to(std::back_inserter(out), "\n{}  ({})\n", harmless(rule.rule->name),
                 word_of(rule.rule->priority));
  if (!rule.why_not.empty()) {
    put_list(out, "does not run", {rule.why_not});
    return;
  }
  std::vector<std::string> events;
  for (const EventDesc* event : rule.events) events.emplace_back(event->name);
  put_list(out, "events", events);
  put_fields(out, rule.fields);
  put_list(out, "cost",
           {fmt::format("about {} ns when the first step decides, {} ns when all are asked",
                        nanoseconds(rule.first_ns), nanoseconds(rule.all_ns))});
  put_steps(out, rule);
}

constexpr std::string_view k_legend =
    "\nrecord: what the kernel collects for conditions; output: read only when a rule fires. "
    "[high] "
    "costs the\nwatched program 300 instructions or more, [free] none that can be measured, others "
    "less than 300.\nSteps go on by HOLDS, or by ELSE when it is not so or not known; `-` ends. "
    "SHARED: so many other rules\nask the same, which is answered once for an event; `type`: the "
    "event's type has decided it before.\nNS is an estimate: sums of what rules_bench measured of "
    "single comparisons, with warm caches\n(docs/performance.md), not a measurement of these "
    "rules here.\n";

}  // namespace

std::string explain_text(const Explanation& explanation, const rules::TypedRules& typed,
                         std::string_view only) {
  std::string out;
  if (only.empty()) {
    const auto run = static_cast<std::size_t>(std::ranges::count_if(
        explanation.rules, [](const ExplainedRule& rule) { return rule.why_not.empty(); }));
    out = fmt::format("{} of {} on {}; the process table is {}{}\n", run,
                      counted(explanation.rules.size(), "rule") + (run == 1 ? " runs" : " run"),
                      counted(explanation.events.size(), "event"),
                      explanation.needs_processes ? "asked" : "not asked",
                      explanation.environments ? ", environments are read" : "");
    put_list(out, "watched", explanation.watched);
    for (const ExplainedEvent& event : explanation.events) put_event(out, event, typed);
  }
  for (const ExplainedRule& rule : explanation.rules)
    if (only.empty() || rule.rule->name == only) put_rule(out, rule);
  if (!only.empty()) out.erase(0, 1);
  return out + std::string(k_legend);
}

namespace {

boost::json::array fields_json(const std::vector<UsedField>& fields) {
  boost::json::array made;
  for (const UsedField& field : fields) {
    boost::json::object one{{"field", field.name},
                            {"process_table", field.from_processes},
                            {"output_only", field.output_only}};
    if (field.phase) one["known"] = rules::phase_word(*field.phase);
    if (field.cost) one["cost"] = rules::cost_word(*field.cost);
    made.push_back(std::move(one));
  }
  return made;
}

boost::json::object event_json(const ExplainedEvent& event, const rules::TypedRules& typed) {
  boost::json::array names;
  for (const rules::Index rule : event.rules) names.emplace_back(typed.rules[rule].name);
  boost::json::array first;
  for (const rules::FirstLookUp& one : event.look_ups)
    first.push_back(boost::json::object{{"looks_up", one.operand},
                                        {"by", part_word(one.part)},
                                        {"texts", one.texts},
                                        {"rules", one.rules}});
  for (const rules::FirstAsked& one : event.asked)
    first.push_back(boost::json::object{{"asks", one.comparison}, {"rules", one.rules}});
  return {{"event", event.event->name},
          {"rules", std::move(names)},
          {"asked_first", std::move(first)},
          {"fields", fields_json(event.fields)},
          {"left_out", boost::json::array(event.left_out.begin(), event.left_out.end())}};
}

// The number of a step, from 1; or the end that it is.
boost::json::value target_json(std::uint32_t step) {
  if (step == Step::k_match) return "fires";
  if (step == Step::k_no_match) return "ends";
  return std::uint64_t{step} + 1;
}

boost::json::object rule_json(const ExplainedRule& rule) {
  boost::json::object made{{"rule", rule.rule->name},
                           {"priority", word_of(rule.rule->priority)},
                           {"runs", rule.why_not.empty()}};
  if (!rule.why_not.empty()) {
    made["disabled"] = rule.why_not;
    return made;
  }
  boost::json::array events;
  for (const EventDesc* event : rule.events)
    events.emplace_back(boost::json::string_view(event->name));
  made["events"] = std::move(events);
  made["fields"] = fields_json(rule.fields);
  boost::json::array steps;
  for (const ExplainedStep& step : rule.steps)
    steps.push_back(boost::json::object{{"asks", step.asks},
                                        {"by_type", step.by_type},
                                        {"holds", target_json(step.holds)},
                                        {"else", target_json(step.otherwise)},
                                        {"shared_with", step.others},
                                        {"estimated_ns", std::round(step.ns)}});
  made["steps"] = std::move(steps);
  made["estimated_ns"] = boost::json::object{{"first_step", std::round(rule.first_ns)},
                                             {"all_steps", std::round(rule.all_ns)}};
  return made;
}

}  // namespace

std::string explain_json(const Explanation& explanation, const rules::TypedRules& typed,
                         std::string_view only) {
  std::string out;
  if (only.empty())
    for (const ExplainedEvent& event : explanation.events)
      out += boost::json::serialize(event_json(event, typed)) + "\n";
  for (const ExplainedRule& rule : explanation.rules)
    if (only.empty() || rule.rule->name == only)
      out += boost::json::serialize(rule_json(rule)) + "\n";
  return out;
}

}  // namespace gancho
