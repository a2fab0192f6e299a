// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part that makes texts: of numbers, lists, times and whole events.
#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "event/address.h"
#include "event/flags.h"
#include "event/names.h"
#include "event/socket_names.h"
#include "event/values.h"
#include "rules/cells.h"
#include "rules/field_reader.h"
#include "rules/mode_names.h"

namespace gancho::rules {
namespace {

constexpr std::size_t k_form_max = std::max({k_flags_max, k_names_max, k_capability_names_max,
                                             k_connection_max, std::size_t{k_decimal_max}});

}  // namespace

Found FieldReader::join_elements(std::string_view before, std::string_view list, Cell& cell) {
  char* const begin = arena_->reserve(before.size() + list.size() + 2);
  if (begin == nullptr) return Found::unknown;
  char* out = begin + before.copy(begin, before.size());
  bool first = before.empty();
  for_each_element(list, [&](std::string_view element) {
    if (!first) *out++ = ' ';
    first = false;
    out += element.copy(out, element.size());
  });
  arena_->keep(out);
  return text({begin, static_cast<std::size_t>(out - begin)}, cell);
}

Found FieldReader::render(const gancho::Value& value, Cell& cell) {
  const bool downward = value.type == FieldType::upward_path;
  const bool abstract = value.number != 0 && is_abstract(value.bytes);
  char* const begin = arena_->reserve(downward || abstract ? value.bytes.size() + 1 : k_form_max);
  if (begin == nullptr) return Found::unknown;
  char* end = begin;
  const auto low = static_cast<std::uint32_t>(value.number);
  using enum FieldType;
  switch (value.type) {
    case error:
      end = write_error_name(begin, value.signed_number());
      break;
    case device:
      end = write_device(begin, low);
      break;
    case capabilities:
      end = write_capability_names(begin, value.number);
      break;
    case file_type:
      end = write_file_type(begin, low);
      break;
    case open_flags:
    case resolve_flags:
    case at_flags:
    case rename_flags:
      end = write_flags(begin, value.type, low);
      break;
    case named:
      end = write_named(begin, value.names, value.number);
      break;
    case named_flags:
      end = write_named_flags(begin, value.names, value.number);
      break;
    case syscall:
      end = write_syscall(begin, value.number);
      break;
    case sock_type:
      end = write_socket_type(begin, low);
      break;
    case sock_proto:
      end = write_socket_protocol(begin, static_cast<std::uint32_t>(value.number >> 32), low);
      break;
    case mode:
      end = write_mode(begin, low);
      break;
    case endpoint:
    case connection:
      if (abstract) {
        *end++ = '@';
        end += value.bytes.substr(1).copy(end, value.bytes.size());
      } else if (value.type == endpoint) {
        end = write_endpoint(begin, wire_of<ev_address>(value));
      } else {
        end = write_connection(begin, wire_of<ev_socket>(value));
      }
      break;
    case ip_address:
      end = write_ip(begin, wire_of<ev_address>(value));
      break;
    case upward_path:
      end = write_downward(begin, value.bytes);
      break;
    case i32:
    case i64:
      end = write_decimal(begin, value.signed_number());
      break;
    case flag:
    case path_flag:
      end = begin + (value.number != 0 ? std::string_view("true") : "false").copy(begin, 5);
      break;
    default:
      end = write_decimal(begin, value.number);
      break;
  }
  arena_->keep(end);
  return text({begin, static_cast<std::size_t>(end - begin)}, cell);
}

Found FieldReader::read_time(Reading reading, std::uint64_t boot_ns, Cell& cell) {
  const auto clock = facts_.clock();
  if (!clock) return Found::unknown;
  const std::int64_t ns = clock->unix_ns(boot_ns);
  switch (reading) {
    case Reading::wall_seconds:
      cell.number = Number::of_signed(ns / k_ns_per_second);
      return Found::one;
    case Reading::wall_rest:
      cell.number = Number::of_signed(ns % k_ns_per_second);
      return Found::one;
    case Reading::time_text:
    case Reading::date_time_text:
    case Reading::date_second_text:
    case Reading::wall_text: {
      char* const begin = arena_->reserve(k_rfc3339_length);
      if (begin == nullptr) return Found::unknown;
      char* const end = write_rfc3339(begin, ns);
      arena_->keep(end);
      const std::string_view whole(begin, static_cast<std::size_t>(end - begin));
      if (reading == Reading::wall_text) return text(whole, cell);
      // "2026-01-02T15:04:05.000000001Z"
      constexpr std::size_t k_date = 10;
      constexpr std::size_t k_second = 19;
      begin[k_date] = ' ';
      if (reading == Reading::date_time_text) return text(whole.substr(0, whole.size() - 1), cell);
      const std::string_view seconds = whole.substr(0, k_second);
      return text(reading == Reading::time_text ? seconds.substr(k_date + 1) : seconds, cell);
    }
    default:
      cell.number = Number::of_signed(ns);
      return Found::one;
  }
}

// "flags=O_RDONLY mode=0644", in the order of the schema.
Found FieldReader::read_every_own(Cell& cell) {
  constexpr std::string_view k_before = "evt.arg.";
  constexpr std::size_t k_most = 24;
  std::array<std::pair<std::string_view, std::string_view>, k_most> found;
  std::size_t count = 0;
  std::size_t size = 0;
  for (const FieldDesc& field : event_->desc().fields) {
    // How it was read is no argument.
    if (!field.name.starts_with(k_before) || field.name == "evt.arg.user_memory") continue;
    if (count == k_most) break;
    if (read_own({.first = &field}, ValueKind::text, cell) != Found::one) continue;
    found[count] = {field.name.substr(k_before.size()), cell.text};
    size += found[count].first.size() + found[count].second.size() + 2;
    ++count;
  }
  char* const begin = arena_->reserve(size);
  if (begin == nullptr) return Found::unknown;
  char* out = begin;
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) *out++ = ' ';
    out += found[i].first.copy(out, found[i].first.size());
    *out++ = '=';
    out += found[i].second.copy(out, found[i].second.size());
  }
  arena_->keep(out);
  return text({begin, static_cast<std::size_t>(out - begin)}, cell);
}

}  // namespace gancho::rules
