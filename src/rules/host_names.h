// SPDX-License-Identifier: Apache-2.0
//
// Names of hosts that conditions compare addresses with: fd.sip.name = db.example.org. It is the
// name of the rule that is looked up, by whoever can, before the rule is in force; no address is
// ever looked up. Here is which names are asked for, and what was found. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/network.h"
#include "rules/rule.h"

namespace gancho::rules {

// More are not looked up, of all rules together.
inline constexpr std::size_t k_most_host_names = 64;
// More addresses of one name are not kept.
inline constexpr std::size_t k_most_host_addresses = 32;

// fd.sip.name, fd.cip.name, fd.lip.name, fd.rip.name.
[[nodiscard]] bool is_host_name_field(std::string_view field);

// Letters, digits, '.', '-' and '_', at most 253 of them, and no address.
[[nodiscard]] bool is_host_name(std::string_view text);

// What was found.
class HostNames {
 public:
  // `name` as the rule has it.
  void add(std::string_view name, const IpAddress& address);
  [[nodiscard]] std::span<const IpAddress> addresses_of(std::string_view name) const;
  // Of several names that have it the first; "" when none has.
  [[nodiscard]] std::string_view name_of(const IpAddress& address) const;
  void for_each(const std::function<void(std::string_view, const IpAddress&)>& visit) const;

 private:
  std::map<std::string, std::vector<IpAddress>, std::less<>> by_name_;
  std::map<IpAddress, std::string> by_address_;
};

// The names that conditions of rules that run compare with, each once.
[[nodiscard]] std::vector<std::string> asked_host_names(const RuleSet& set);

// They are looked up, and it is their addresses that are compared: with =, != and in.
[[nodiscard]] bool takes_host_names(const Comparison& comparison);

// Is the operand such a field, in val() or not?
[[nodiscard]] bool asks_host_name(const Condition& condition, Index operand);

}  // namespace gancho::rules
