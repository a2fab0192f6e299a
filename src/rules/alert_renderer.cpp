// SPDX-License-Identifier: Apache-2.0
#include "rules/alert_renderer.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/utf8.h"
#include "event/address.h"
#include "event/json.h"
#include "event/values.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_absent = "<NA>";
constexpr std::string_view k_hostname_field = "evt.hostname";

// What the field is when it is shown as it lies in the record.
FieldType type_of(const TypedOperand& operand) {
  if (operand.kind != OperandKind::field || operand.field.reading != Reading::own)
    return FieldType::u64;
  return operand.field.only_type().value_or(FieldType::u64);
}

// Does it make of each value one other, in their order?
bool changes_each(const TypedOperand& operand) {
  return operand.kind == OperandKind::transformer && operand.arguments.size() == 1;
}

// Of fields whose values are names of one thing, the name that is shown; of those of which there is
// one at most, that one. False: it is a list.
bool is_shown_as_one(const Terms& terms, Index index, std::uint16_t type,
                     std::span<const Cell>& found) {
  if (!terms.operands[index].several) return true;
  while (changes_each(terms.operands[index])) index = terms.operands[index].arguments[0];
  const TypedOperand& operand = terms.operands[index];
  if (operand.kind != OperandKind::field) return false;
  using enum Reading;
  switch (operand.field.reading) {
    case event_names: {
      // Our name, Falco's names, and the call that it came by where the record has that.
      const std::size_t known = event_aliases(type).size();
      found = found.subspan(found.size() > known ? known : std::min<std::size_t>(1, known - 1), 1);
      return true;
    }
    case file_words:  // Falco's word last
      found = found.last(std::min<std::size_t>(1, found.size()));
      return true;
    case own:
      if (const auto own_type = operand.field.only_type();
          own_type == FieldType::args || own_type == FieldType::lineage)
        return false;
      found = found.first(std::min<std::size_t>(1, found.size()));
      return true;
    case both_ends:
    case argument_list:
    case every_argument:
    case ancestor_names:
    case ancestor_pids:
    case ancestor_programs:
    case ancestor_paths:
    case ancestor_command_lines:
    case ancestor_arguments:
    case ancestor_environments:
      return false;
    default:
      found = found.first(std::min<std::size_t>(1, found.size()));
      return true;
  }
}

bool is_time(FieldType type) {
  return type == FieldType::wall_time || type == FieldType::boot_time;
}

ev_address as_wire(const IpAddress& address) {
  ev_address wire{};
  wire.family = address.v6 ? AF_INET6 : AF_INET;
  std::memcpy(&wire.bytes, address.bytes.data(), address.bytes.size());
  return wire;
}

// Cut or filled to so many characters.
void fit(ByteBuffer& out, std::size_t begin, std::uint32_t width) {
  std::string_view text = out.view().substr(begin);
  std::uint32_t characters = 0;
  while (!text.empty() && characters < width) {
    text.remove_prefix(std::max(1U, decode_utf8(text).length));
    ++characters;
  }
  out.truncate(out.size() - text.size());
  for (; characters < width; ++characters) out.append(' ');
}

}  // namespace

AlertRenderer::AlertRenderer(std::string hostname, WallClock clock, bool utc, TextChange change)
    : hostname_(std::move(hostname)),
      clock_(clock),
      time_of_day_(utc),
      change_(std::move(change)) {}

void AlertRenderer::render(const TypedRule& rule, const EventView& event, TermValues& values) {
  const std::uint64_t when = event.header().time;
  begin(rule.priority, when);
  values.begin(event, &change_);
  for (const TypedOutputPart& part : rule.output) put_part(part, event, values);
  finish(rule.name, rule.source, rule.priority, rule.tags, when);
}

void AlertRenderer::render(std::string_view rule, Priority priority, std::string_view output,
                           std::span<const OwnField> fields, std::uint64_t boot_ns) {
  begin(priority, boot_ns);
  text_.append(output);
  for (const OwnField& field : fields) {
    if (!fields_.empty()) fields_.append(',');
    put_json(field.name);
    fields_.append(':');
    if (const auto* const number = std::get_if<std::uint64_t>(&field.value)) {
      std::array<char, k_decimal_max> form;
      const char* const end = write_decimal(form.data(), *number);
      fields_.append({form.data(), static_cast<std::size_t>(end - form.data())});
    } else {
      put_json(std::get<std::string_view>(field.value));
    }
  }
  finish(rule, "internal", priority, {}, boot_ns);
}

void AlertRenderer::begin(Priority priority, std::uint64_t boot_ns) {
  text_.clear();
  fields_.clear();
  names_.clear();
  time_of_day_.put(clock_.unix_ns(boot_ns), 9, text_);
  text_.append(": ");
  priority_at_ = text_.size();
  const std::string_view word = word_of(priority);
  priority_ = word.size();
  text_.append(word);
  text_.append(' ');
}

void AlertRenderer::put_part(const TypedOutputPart& part, const EventView& event,
                             TermValues& values) {
  text_.append(part.text);
  if (part.name.empty()) return;
  const bool again = std::ranges::find(names_, std::string_view(part.name)) != names_.end();
  const std::size_t fields = fields_.size();
  if (!again) {
    names_.emplace_back(part.name);
    if (!fields_.empty()) fields_.append(',');
    put_json(part.name);
    fields_.append(':');
  }
  const std::size_t begin = text_.size();
  std::span<const Cell> found;
  const bool known = part.operand != k_none && values.values(part.operand, found);
  const TypedOperand* const operand =
      part.operand == k_none ? nullptr : &values.terms().operands[part.operand];
  const bool one =
      !known || is_shown_as_one(values.terms(), part.operand, event.desc().type, found);
  if (!known && part.name == k_hostname_field) {
    put_shown(hostname_);
    put_json(hostname_);
  } else if (!known || (one && found.empty())) {
    text_.append(k_absent);
    fields_.append("null");
  } else if (one) {
    put_value(*operand, found.front());
  } else {
    text_.append('(');
    fields_.append('[');
    for (const Cell& cell : found) {
      if (&cell != found.data()) {
        text_.append(',');
        fields_.append(',');
      }
      put_value(*operand, cell);
    }
    text_.append(')');
    fields_.append(']');
  }
  if (again) fields_.truncate(fields);
  if (part.width != 0) fit(text_, begin, part.width);
}

void AlertRenderer::put_value(const TypedOperand& operand, const Cell& cell) {
  std::array<char, k_decimal_max> form;
  const auto written = [&](const char* end) {
    return std::string_view(form.data(), static_cast<std::size_t>(end - form.data()));
  };
  const FieldType type = type_of(operand);
  switch (operand.value) {
    case ValueKind::text: {
      const std::string_view text = change_.text ? change_.text(cell.text) : cell.text;
      put_shown(text);
      put_json(text);
      return;
    }
    case ValueKind::address: {
      std::array<char, k_endpoint_max> address;
      const auto text = std::string_view(
          address.data(), static_cast<std::size_t>(write_ip(address.data(), as_wire(cell.address)) -
                                                   address.data()));
      text_.append(text);
      put_json(text);
      return;
    }
    case ValueKind::truth: {
      const std::string_view word = cell.number.bits != 0 ? "true" : "false";
      text_.append(word);
      fields_.append(word);
      return;
    }
    case ValueKind::number:
      break;
  }
  if (is_time(type)) {
    const std::int64_t when = clock_.unix_ns(cell.number.bits);
    time_of_day_.put(when, 9, text_);
    fields_.append(written(write_decimal(form.data(), when)));
    return;
  }
  if (type == FieldType::mode) {
    const auto text =
        written(write_mode(form.data(), static_cast<std::uint32_t>(cell.number.bits)));
    text_.append(text);
    put_json(text);
    return;
  }
  const auto text =
      written(cell.number.positive
                  ? write_decimal(form.data(), cell.number.bits)
                  : write_decimal(form.data(), static_cast<std::int64_t>(cell.number.bits)));
  text_.append(text);
  fields_.append(text);
}

void AlertRenderer::put_shown(std::string_view text) {
  while (!text.empty()) {
    const Utf8 decoded = decode_utf8(text);
    const std::size_t length = std::max(1U, decoded.length);
    if (decoded.length != 0 && !steers_terminal(decoded.code)) {
      text_.append(text.substr(0, length));
    } else {
      for (const char byte : text.substr(0, length)) {
        std::array<char, 4> form{'\\', 'x'};
        write_hex(form.data() + 2, std::string_view(&byte, 1));
        text_.append({form.data(), form.size()});
      }
    }
    text.remove_prefix(length);
  }
}

void AlertRenderer::put_json(std::string_view text) {
  char* out = fields_.reserve(text.size() * k_json_expansion + 2);
  bool exact = true;
  *out++ = '"';
  out = write_json_escaped(out, text, exact);
  *out++ = '"';
  fields_.commit(out);
}

void AlertRenderer::finish(std::string_view rule, std::string_view source, Priority priority,
                           std::span<const std::string> tags, std::uint64_t boot_ns) {
  json_.clear();
  const auto put = [this](std::string_view key, std::string_view value) {
    json_.append(key);
    char* out = json_.reserve(value.size() * k_json_expansion + 2);
    bool exact = true;
    *out++ = '"';
    out = write_json_escaped(out, value, exact);
    *out++ = '"';
    json_.commit(out);
  };
  put("{\"hostname\":", hostname_);
  put(",\"output\":", text_.view());
  json_.append(",\"output_fields\":{");
  json_.append(fields_.view());
  json_.append('}');
  put(",\"priority\":", word_of(priority));
  put(",\"rule\":", rule);
  put(",\"source\":", source);
  json_.append(",\"tags\":[");
  for (const std::string& tag : tags) put(&tag == tags.data() ? "" : ",", tag);
  std::array<char, k_rfc3339_length> stamp;
  write_rfc3339(stamp.data(), clock_.unix_ns(boot_ns));
  put("],\"time\":", {stamp.data(), stamp.size()});
  json_.append('}');
  put_on_one_line();
}

// Breaks come from the rule's own words only: of values they are escaped.
void AlertRenderer::put_on_one_line() {
  const auto is_break = [](char byte) { return byte == '\n' || byte == '\r'; };
  char* const begin = text_.data();
  char* const end = begin + text_.size();
  char* out = begin;
  for (const char* at = begin; at != end; ++at) {
    if (!is_break(*at))
      *out++ = *at;
    else if (at + 1 != end && !is_break(at[1]))
      *out++ = ' ';
  }
  text_.commit(out);
}

}  // namespace gancho::rules
