// SPDX-License-Identifier: Apache-2.0
//
// What is said when a rule fires, in Falco's two forms:
//
//   15:11:03.123456789: Warning Sensitive file opened by curl (file=/etc/shadow)
//   {"hostname":"web-1","output":"15:11:03.123456789: Warning ...","output_fields":{"fd.name":
//   "/etc/shadow","proc.name":"curl"},"priority":"Warning","rule":"...","source":"syscall",
//   "tags":["files"],"time":"2026-11-22T15:11:03.123456789Z"}
//
// A field that the event has not, or that could not be read, is <NA> and null. The text holds no
// byte that would steer a terminal, and the JSON is UTF-8, whatever the record holds.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "event/time_of_day.h"
#include "event/view.h"
#include "rules/term_values.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// Made once and used for every alert. One thread at a time.
class AlertRenderer {
 public:
  // Changes a text before it is shown, such as one that holds a password: what it returns is good
  // until it is called again.
  using Change = std::function<std::string_view(std::string_view)>;

  AlertRenderer(std::string hostname, WallClock clock, bool utc = false, Change change = {});

  void set_clock(WallClock clock) { clock_ = clock; }
  void set_change(Change change) { change_ = std::move(change); }

  // `values` of the event. Afterwards both forms are there, until the next call, without a newline.
  void render(const TypedRule& rule, const EventView& event, TermValues& values);
  // An alert of the agent's own, without an event.
  void render(std::string_view rule, Priority priority, std::string_view output,
              std::uint64_t boot_ns);

  [[nodiscard]] std::string_view text() const { return text_.view(); }
  [[nodiscard]] std::string_view json() const { return json_.view(); }
  // From the beginning of the priority's word to its end, in text().
  [[nodiscard]] std::string_view priority() const { return text().substr(priority_at_, priority_); }
  // What the event's fields were, one behind the other: the same for what is the same but for time.
  [[nodiscard]] std::string_view fields() const { return fields_.view(); }

 private:
  void begin(Priority priority, std::uint64_t boot_ns);
  void put_part(const TypedOutputPart& part, const EventView& event, TermValues& values);
  void put_value(const TypedOperand& operand, const Cell& cell);
  void put_shown(std::string_view text);
  void finish(std::string_view rule, std::string_view source, Priority priority,
              std::span<const std::string> tags, std::uint64_t boot_ns);
  void put_json(std::string_view text);

  std::string hostname_;
  WallClock clock_;
  TimeOfDay time_of_day_;
  Change change_;
  ByteBuffer text_;
  ByteBuffer json_;
  ByteBuffer fields_;                    // of output_fields, between its braces
  ByteBuffer shown_;                     // a value as people see it
  std::vector<std::string_view> names_;  // of the fields that stand in fields_
  std::size_t priority_at_ = 0;
  std::size_t priority_ = 0;
};

}  // namespace gancho::rules
