// SPDX-License-Identifier: Apache-2.0
//
// What is said when a rule fires, in Falco's two forms:
//
//   15:11:03.123456789: Warning Sensitive file opened by curl (file=/etc/shadow)
//   {"hostname":"web-1","output":"15:11:03.123456789: Warning ...","output_fields":{"fd.name":
//   "/etc/shadow","proc.name":"curl"},"priority":"Warning","rule":"...","source":"syscall",
//   "tags":["files"],"time":"2026-11-22T15:11:03.123456789Z"}
//
// The text is one line; the JSON's output has the lines that the rule gave it.
// A field that the event has not, or that could not be read, is <NA> and null. The text holds no
// byte that would steer a terminal, and the JSON is UTF-8, whatever the record holds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"
#include "event/time_of_day.h"
#include "event/view.h"
#include "rules/term_values.h"
#include "rules/text_change.h"
#include "rules/typed_rules.h"

namespace gancho::rules {

// Of an alert that comes of no event.
struct OwnField {
  std::string_view name = {};
  std::variant<std::string_view, std::uint64_t> value = {};
};

// Made once and used for every alert. One thread at a time.
class AlertRenderer {
 public:
  AlertRenderer(std::string hostname, WallClock clock, bool utc = false, TextChange change = {});

  void set_clock(WallClock clock) { clock_ = clock; }
  void set_change(TextChange change) { change_ = std::move(change); }

  // `values` of any event: they become those of this one, as they are shown. Afterwards both forms
  // are there, until the next call, without a newline.
  void render(const TypedRule& rule, const EventView& event, TermValues& values);
  // An alert of the agent's own, without an event.
  void render(std::string_view rule, Priority priority, std::string_view output,
              std::span<const OwnField> fields, std::uint64_t boot_ns);

  // One line, whatever lines the rule's output has.
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
  void put_on_one_line();

  std::string hostname_;
  WallClock clock_;
  TimeOfDay time_of_day_;
  TextChange change_;
  ByteBuffer text_;
  ByteBuffer json_;
  ByteBuffer fields_;                    // of output_fields, between its braces
  ByteBuffer shown_;                     // a value as people see it
  std::vector<std::string_view> names_;  // of the fields that stand in fields_
  std::size_t priority_at_ = 0;
  std::size_t priority_ = 0;
};

}  // namespace gancho::rules
