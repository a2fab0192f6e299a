// SPDX-License-Identifier: Apache-2.0
//
// Rule files and an event, both of any content: up to the line "#---" the file, behind it the
// record. What is accepted fires together as each rule does alone, and what it then says is one
// line that no terminal obeys, and one of valid JSON.
#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "event_bytes.h"
#include "rules/alert_renderer.h"
#include "rules/explain.h"
#include "rules/load.h"
#include "rules/rule_evaluator.h"
#include "rules/typed_rules.h"
#include "support/facts.h"

namespace {

using namespace gancho;
using fuzz::as_record;
using fuzz::require;

constexpr std::string_view k_cut = "\n#---\n";

bool steers(std::string_view text) {
  while (!text.empty()) {
    const Utf8 decoded = decode_utf8(text);
    if (decoded.length == 0 || steers_terminal(decoded.code)) return true;
    text.remove_prefix(decoded.length);
  }
  return false;
}

void check_alert(const rules::TypedRule& rule, const rules::AlertRenderer& renderer) {
  // What a rule's author wrote stands as it was written.
  const bool harmless = std::ranges::none_of(
      rule.output, [](const rules::TypedOutputPart& part) { return steers(part.text); });
  require(!harmless || !steers(renderer.text()), "an alert that steers the terminal");
  boost::system::error_code error;
  require(boost::json::parse(renderer.json(), error).is_object() && !error,
          "an alert that is no JSON");
  require(renderer.json().find('\n') == std::string_view::npos, "an alert of two lines");
}

// Every rule alone, without an index.
std::vector<rules::Index> fired_alone(const rules::TypedRules& typed, const EventView& event,
                                      const Facts& facts) {
  std::vector<rules::Index> fired;
  rules::TermValues values(typed.terms, facts);
  for (rules::Index i = 0; i < typed.rules.size(); ++i) {
    values.begin(event);
    const rules::Logic& logic = typed.rules[i].logic;
    if (logic.possible[event.desc().type] && values.matches(logic)) fired.push_back(i);
  }
  return fired;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find(k_cut);
  if (cut == std::string_view::npos) return 0;
  rules::Loaded loaded = rules::load_rules({{"f", std::string(text.substr(0, cut + 1))}});
  if (!loaded.rules) return 0;
  const auto typed = rules::type_rules(*loaded.rules, loaded.problems);
  if (!typed) return 0;
  const rules::Explanation explanation = rules::explain(*loaded.rules, *typed);
  require(explanation.rules.size() == loaded.rules->rules.size(), "a rule that is not explained");

  static const test::SampleFacts facts;
  const std::vector<std::byte> record = as_record(text.substr(cut + k_cut.size()));
  const auto event = EventView::create(record);
  if (!event) return 0;
  rules::RuleEvaluator evaluator(*typed, rules::Matching::all, facts);
  rules::AlertRenderer renderer("host", {}, true);
  const auto fired = evaluator.evaluate(*event);
  require(std::ranges::equal(fired, fired_alone(*typed, *event, facts)),
          "together they fire otherwise than alone");
  for (const rules::Index rule : fired) {
    const rules::TypedRule& typed_rule = evaluator.rules().rules[rule];
    renderer.render(typed_rule, *event, evaluator.values());
    check_alert(typed_rule, renderer);
  }
  return 0;
}
