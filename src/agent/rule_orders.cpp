// SPDX-License-Identifier: Apache-2.0
#include "agent/rule_orders.h"

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <cstdint>

namespace gancho {
namespace {

// Numbers, each with a newline behind it; a text has its size in front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  template <std::unsigned_integral T>
  bool number(T& value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || end == rest_.data() + rest_.size() || *end != '\n') return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()) + 1);
    return true;
  }

  bool text(std::string& value) {
    std::size_t size = 0;
    if (!number(size) || size > rest_.size()) return false;
    value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace

std::string write_orders(const RuleOrders& orders) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", static_cast<unsigned>(orders.matching),
                  static_cast<unsigned>(orders.min_priority), orders.limits.rate,
                  orders.limits.burst, orders.limits.window_ns, orders.redact.size());
  for (const std::string& pattern : orders.redact)
    text += fmt::format("{}\n{}", pattern.size(), pattern);
  std::size_t addresses = 0;
  std::string hosts;
  orders.hosts.for_each([&](std::string_view name, const rules::IpAddress& address) {
    const std::string form = rules::print_address(address);
    hosts += fmt::format("{}\n{}{}\n{}", name.size(), name, form.size(), form);
    ++addresses;
  });
  text += fmt::format("{}\n{}", addresses, hosts);
  return text + orders.bundle;
}

std::optional<RuleOrders> read_orders(std::string_view text) {
  RuleOrders orders;
  Reader reader(text);
  std::uint8_t matching = 0;
  std::uint8_t priority = 0;
  std::size_t patterns = 0;
  if (!reader.number(matching) || !reader.number(priority) || !reader.number(orders.limits.rate) ||
      !reader.number(orders.limits.burst) || !reader.number(orders.limits.window_ns) ||
      !reader.number(patterns))
    return std::nullopt;
  if (matching > static_cast<std::uint8_t>(rules::Matching::all) ||
      priority > static_cast<std::uint8_t>(rules::Priority::debug))
    return std::nullopt;
  orders.matching = static_cast<rules::Matching>(matching);
  orders.min_priority = static_cast<rules::Priority>(priority);
  for (std::size_t i = 0; i < patterns; ++i)
    if (!reader.text(orders.redact.emplace_back())) return std::nullopt;
  std::size_t addresses = 0;
  if (!reader.number(addresses)) return std::nullopt;
  for (std::size_t i = 0; i < addresses; ++i) {
    std::string name;
    std::string form;
    if (!reader.text(name) || !reader.text(form)) return std::nullopt;
    const auto address = rules::parse_network(form);
    if (!address) return std::nullopt;
    orders.hosts.add(name, address->address);
  }
  orders.bundle = reader.rest();
  return orders;
}

}  // namespace gancho
