// SPDX-License-Identifier: Apache-2.0
//
// A condition and an event, both of any content: the first line is the condition, the rest the
// record. What is accepted is decided, and as its printed form decides it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "event_bytes.h"
#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/parser.h"
#include "rules/print.h"
#include "support/facts.h"

namespace {

using namespace gancho;
using fuzz::as_record;
using fuzz::require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  rules::Problems problems;
  const auto parsed = rules::parse_condition(rules::RuleText(text.substr(0, line)), problems);
  if (!parsed) return 0;
  auto typed = rules::check_condition(*parsed, problems);
  require(typed.has_value() == (problems.errors() == 0), "neither a typed condition nor an error");
  for (const rules::Problem& problem : problems.kept())
    require(!problem.message.empty() && problem.message.size() < 1000,
            "an error that nobody reads");
  if (!typed) return 0;

  rules::Problems none;
  const auto again = rules::parse_condition(rules::RuleText(rules::print_condition(*parsed)), none);
  require(again.has_value(), "what was printed is not read back");
  auto typed_again = rules::check_condition(*again, none);
  require(typed_again.has_value(), "what was printed is not typed");

  static const test::SampleFacts facts;
  rules::Evaluator first(std::move(*typed), facts);
  rules::Evaluator second(std::move(*typed_again), facts);
  const std::vector<std::byte> record = as_record(text.substr(line + 1));
  if (const auto event = EventView::create(record)) {
    const bool matches = first.matches(*event);
    require(matches == second.matches(*event), "printing changed what it decides");
    require(matches == first.matches(*event), "the second look decides otherwise");
  }
  return 0;
}
