// SPDX-License-Identifier: Apache-2.0
#include "rules/constants.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/quote.h"
#include "event/names.h"
#include "event/values.h"
#include "rules/event_words.h"
#include "rules/field_table.h"

namespace gancho::rules {
namespace {

// Of what a pattern may take, program and automata.
constexpr std::int64_t k_regex_memory = 1 << 20;

using Read = std::expected<Constant, std::string>;

Read read_regex(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(k_regex_memory);
  // Bytes, not letters: a name that is no UTF-8 must not slip through a dot.
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  auto regex =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!regex->ok())
    return std::unexpected(fmt::format("expected a regular expression (RE2), not {}: {}",
                                       in_quotes(text), regex->error()));
  return Constant{.text = std::string(text), .regex = std::move(regex)};
}

struct Service {
  std::string_view name;
  std::uint16_t port;
};
// As /etc/services has them, which nobody who reads rules may open.
constexpr auto k_services = std::to_array<Service>({
    {"ftp-data", 20},    {"ftp", 21},       {"ssh", 22},     {"telnet", 23},  {"smtp", 25},
    {"domain", 53},      {"tftp", 69},      {"http", 80},    {"www", 80},     {"kerberos", 88},
    {"pop3", 110},       {"sunrpc", 111},   {"ntp", 123},    {"imap2", 143},  {"imap", 143},
    {"snmp", 161},       {"bgp", 179},      {"irc", 194},    {"ldap", 389},   {"https", 443},
    {"submission", 587}, {"ldaps", 636},    {"rsync", 873},  {"imaps", 993},  {"pop3s", 995},
    {"socks", 1080},     {"openvpn", 1194}, {"nfs", 2049},   {"mysql", 3306}, {"postgresql", 5432},
    {"amqp", 5672},      {"x11", 6000},     {"redis", 6379}, {"ircd", 6667},  {"http-alt", 8080},
});

std::optional<Number> port_of(std::string_view name) {
  const auto found = std::ranges::find(k_services, name, &Service::name);
  return found == k_services.end() ? std::nullopt : std::optional(Number::of(found->port));
}

std::string_view written(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Numbers that records show by name may be asked for by number, too.
std::string named(const TypedOperand& left, std::string_view text) {
  const auto number = parse_number(text);
  const auto type = left.kind == OperandKind::field && left.field.reading == Reading::own
                        ? left.field.only_type()
                        : std::nullopt;
  if (!number || !type) return std::string(text);
  std::array<char, k_names_max> form;
  if (*type == FieldType::error)
    return std::string(written(
        form.data(), write_error_name(form.data(), static_cast<std::int64_t>(number->bits))));
  if (*type != FieldType::named) return std::string(text);
  NameTable names;
  for (const FieldRows& rows : left.field.rows) {
    if (rows.first == nullptr) continue;
    // Of several tables nobody could say which is meant.
    if (!names.empty() && names.data() != rows.first->names.data()) return std::string(text);
    names = rows.first->names;
  }
  return std::string(written(form.data(), write_named(form.data(), names, number->bits)));
}

Read read_text(const TypedOperand& left, Operator op, std::string_view text) {
  if (text.contains('\0')) return std::unexpected("no text has a byte that is 0: it ends there");
  switch (op) {
    case Operator::regex:
      return read_regex(text);
    case Operator::icontains:
    case Operator::iglob:
      return Constant{.text = lowered(text)};
    case Operator::bcontains:
    case Operator::bstartswith: {
      auto bytes = parse_hex(text);
      if (!bytes)
        return std::unexpected(
            fmt::format("expected bytes in hexadecimal, as in 7f454c46, not {}", in_quotes(text)));
      return Constant{.text = std::move(*bytes)};
    }
    case Operator::pmatch:
      return Constant{.text = std::string(as_path_prefix(text))};
    case Operator::equal:
    case Operator::in:
    case Operator::intersects:
      if (left.kind == OperandKind::field && left.field.reading == Reading::event_names)
        return Constant{.text = std::string(as_call(text))};
      return Constant{.text = named(left, text)};
    default:
      return Constant{.text = std::string(text)};
  }
}

}  // namespace

Read read_constant(const TypedOperand& left, Operator op, std::string_view text) {
  switch (left.value) {
    case ValueKind::text:
      return read_text(left, op, text);
    case ValueKind::number: {
      const auto type = left.kind == OperandKind::field ? left.field.only_type() : std::nullopt;
      auto number = parse_number(text, type == FieldType::mode);
      if (!number && type == FieldType::port) number = port_of(text);
      if (!number)
        return std::unexpected(fmt::format(
            "expected a number{}, not {}{}", type == FieldType::mode ? " in octal, as in 4755" : "",
            in_quotes(text),
            find_field(text) == nullptr ? "" : fmt::format("; the field is val({})", text)));
      const bool id = type == FieldType::uid || type == FieldType::gid;
      if (id && *number == Number::of(UINT32_MAX)) number = Number::of_signed(-1);
      return Constant{.number = *number};
    }
    case ValueKind::truth:
      if (text != "true" && text != "false" && text != "1" && text != "0")
        return std::unexpected(fmt::format("expected true or false, not {}", in_quotes(text)));
      return Constant{.number = Number::of(text == "true" || text == "1" ? 1 : 0)};
    case ValueKind::address: {
      const auto network = parse_network(text);
      if (!network)
        return std::unexpected(fmt::format(
            "expected an IP address or a network, as in 10.0.0.0/8, not {}", in_quotes(text)));
      return Constant{.network = *network};
    }
  }
  return std::unexpected("");
}

}  // namespace gancho::rules
