// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_desk.h"

#include <array>
#include <string_view>
#include <utility>

#include "rules/rule_files.h"

namespace gancho {
namespace {

constexpr std::string_view k_red = "\x1b[31m";
constexpr std::string_view k_yellow = "\x1b[33m";
// The rule and the source of the agent's own alerts.
constexpr std::string_view k_suppressed = "Alerts suppressed";
constexpr std::string_view k_internal = "internal";
constexpr std::string_view k_end = "\x1b[0m";

// "" for what asks for no attention.
std::string_view colour_of(rules::Priority priority) {
  if (priority <= rules::Priority::error) return k_red;
  return priority <= rules::Priority::warning ? k_yellow : std::string_view{};
}

}  // namespace

Result<RuleDesk> RuleDesk::create(std::string_view orders, AlertStyle style, const Facts& facts,
                                  WallClock clock, std::string hostname, const SipKey& key,
                                  AlertSender& sender) {
  RuleDesk desk(style, facts, clock, std::move(hostname), key, sender);
  desk.now_ = TRY(desk.read(orders));
  return desk;
}

// It was all read before it was sent.
Result<std::unique_ptr<RuleDesk::Rules>> RuleDesk::read(std::string_view text) const {
  auto orders = read_orders(text);
  if (!orders) return fail(Errc::internal, "the orders about rules were not received whole");
  auto files = rules::read_bundle(orders->bundle);
  if (!files) return fail(Errc::internal, "the rules were not received whole");
  rules::Loaded loaded = rules::load_rules(std::move(*files));
  std::optional<rules::TypedRules> typed;
  if (loaded.rules) loaded.rules->keep_urgent(orders->min_priority);
  if (loaded.rules) typed = type_rules(*loaded.rules, loaded.problems, orders->hosts);
  if (!typed) return fail(Errc::internal, "the rules that were sent are wrong");
  orders->bundle.clear();
  const std::size_t count = typed->rules.size();
  Redactor redactor = TRY(Redactor::create(orders->redact));
  AlertLimits limits(orders->limits, count, key_);
  const rules::Matching matching = orders->matching;
  return std::make_unique<Rules>(std::move(*orders), std::move(redactor),
                                 rules::RuleEvaluator(std::move(*typed), matching, *facts_),
                                 std::move(limits));
}

Status RuleDesk::change(std::string_view orders, std::uint64_t since) {
  if (next_) return fail(Errc::internal, "rules were changed before they were in force");
  next_ = TRY(read(orders));
  since_ = since;
  return {};
}

void RuleDesk::forget_before(std::uint64_t time, ByteBuffer& out) {
  if (!next_ || time < since_) return;
  report(*now_, time, true, out);
  now_ = std::move(next_);
}

std::size_t RuleDesk::judge(const EventView& event, ByteBuffer& out) {
  const std::uint64_t when = event.header().time;
  Rules& rules = next_ && when >= since_ ? *next_ : *now_;
  std::size_t said = 0;
  for (const rules::Index fired : rules.evaluator.evaluate(event)) {
    const rules::TypedRule& rule = rules.evaluator.rules().rules[fired];
    renderer_->set_change(without_secrets(rules.redactor, *redacted_));
    renderer_->render(rule, event, rules.evaluator.values());
    if (!rules.limits.admit(fired, renderer_->fields(), when)) continue;
    say(rule.name, rule.source, rule.priority, when, out);
    ++said;
  }
  return said;
}

void RuleDesk::report(std::uint64_t now_ns, bool all, ByteBuffer& out) {
  report(*now_, now_ns, all, out);
  if (next_ && all) report(*next_, now_ns, all, out);
}

void RuleDesk::report(Rules& rules, std::uint64_t now_ns, bool all, ByteBuffer& out) {
  while (const auto suppressed = rules.limits.next_report(now_ns, all)) {
    const rules::TypedRule& rule = rules.evaluator.rules().rules[suppressed->rule];
    const auto fields = std::to_array<rules::OwnField>({{"rule", std::string_view(rule.name)},
                                                        {"over_rate", suppressed->over_rate},
                                                        {"repeated", suppressed->repeated}});
    renderer_->render(k_suppressed, rule.priority, describe(*suppressed, rule.name), fields,
                      now_ns);
    say(k_suppressed, k_internal, rule.priority, now_ns, out);
  }
}

void RuleDesk::say(std::string_view rule, std::string_view source, rules::Priority priority,
                   std::uint64_t when, ByteBuffer& out) {
  if (style_.json) {
    out.append(renderer_->json());
  } else {
    const std::string_view text = renderer_->text();
    const std::string_view word = renderer_->priority();
    const std::string_view colour = style_.colour ? colour_of(priority) : std::string_view{};
    const auto at = static_cast<std::size_t>(word.data() - text.data());
    out.append(text.substr(0, at));
    out.append(colour);
    out.append(word);
    if (!colour.empty()) out.append(k_end);
    out.append(text.substr(at + word.size()));
  }
  out.append('\n');
  if (!sender_->connected()) return;
  sender_->send({.json = renderer_->json(),
                 .text = renderer_->text(),
                 .rule = rule,
                 .priority = priority,
                 .wall_ns = static_cast<std::uint64_t>(clock_.unix_ns(when)),
                 .source = source});
}

}  // namespace gancho
