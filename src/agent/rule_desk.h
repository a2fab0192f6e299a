// SPDX-License-Identifier: Apache-2.0
//
// The worker's rules: judges events, renders what fires. A reload takes effect at a moment of the
// boot clock: what happened before it is judged by the old rules, what happened later by the new
// ones, and nothing by a mixture, whenever it is taken out of the rings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/rule_orders.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "event/room.h"
#include "event/view.h"
#include "rules/alert_renderer.h"
#include "rules/rule_evaluator.h"
#include "sinks/alert.h"
#include "sinks/limits.h"
#include "sinks/redact.h"
#include "sinks/siphash.h"

namespace gancho {

// How alerts are shown on the output.
struct AlertStyle {
  bool json = false;
  bool colour = false;
};

// One thread.
class RuleDesk {
 public:
  // `facts` must outlive it, and so must the sender. `orders` as write_orders() has it, of rules
  // that a plan was made of.
  [[nodiscard]] static Result<RuleDesk> create(std::string_view orders, AlertStyle style,
                                               const Facts& facts, WallClock clock,
                                               std::string hostname, const SipKey& key,
                                               AlertSender& sender);

  // From `since` on (boot clock, ns) other rules are in force.
  [[nodiscard]] Status change(std::string_view orders, std::uint64_t since);
  void set_style(AlertStyle style) { style_ = style; }
  // Nothing older than `time` will come any more. Appends what is to be said of the old rules.
  void forget_before(std::uint64_t time, ByteBuffer& out);
  // Are two sets of rules in force?
  [[nodiscard]] bool changing() const { return next_ != nullptr; }

  // Appends a line for each rule that fires. How many have.
  [[nodiscard]] std::size_t judge(const EventView& event, ByteBuffer& out);

  // Appends what limits have suppressed, when it is time, or all of it at once.
  void report(std::uint64_t now_ns, bool all, ByteBuffer& out);
  // When that will have something to say.
  [[nodiscard]] std::optional<std::uint64_t> report_due_ns() const {
    return now_->limits.report_due_ns();
  }

  void set_clock(WallClock clock) {
    clock_ = clock;
    renderer_->set_clock(clock);
  }

 private:
  struct Rules {
    RuleOrders orders;
    Redactor redactor;
    rules::RuleEvaluator evaluator;
    AlertLimits limits;
  };
  RuleDesk(AlertStyle style, const Facts& facts, WallClock clock, std::string hostname,
           const SipKey& key, AlertSender& sender)
      : style_(style),
        facts_(&facts),
        clock_(clock),
        key_(key),
        sender_(&sender),
        renderer_(std::make_unique<rules::AlertRenderer>(std::move(hostname), clock)),
        redacted_(std::make_unique<std::string>()) {}
  [[nodiscard]] Result<std::unique_ptr<Rules>> read(std::string_view orders) const;
  void report(Rules& rules, std::uint64_t now_ns, bool all, ByteBuffer& out);
  // The alert that was rendered, to the output and to the courier.
  void say(std::string_view rule, std::string_view source, rules::Priority priority,
           std::uint64_t when, ByteBuffer& out);

  AlertStyle style_;
  const Facts* facts_;
  WallClock clock_;
  SipKey key_;
  AlertSender* sender_;
  std::unique_ptr<rules::AlertRenderer> renderer_;
  std::unique_ptr<std::string> redacted_;
  std::unique_ptr<Rules> now_;
  std::unique_ptr<Rules> next_;  // nullptr: there are no others
  std::uint64_t since_ = 0;
};

}  // namespace gancho
