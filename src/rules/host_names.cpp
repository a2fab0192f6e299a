// SPDX-License-Identifier: Apache-2.0
#include "rules/host_names.h"

#include <algorithm>
#include <set>

#include "rules/field_table.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_fields = "fd.cip.name fd.sip.name fd.lip.name fd.rip.name";
constexpr std::size_t k_name_max = 253;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

}  // namespace

bool is_host_name_field(std::string_view field) {
  return is_one_of(k_fields, field);
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= k_name_max && text.front() != '-' &&
         std::ranges::all_of(text, is_letter) && !parse_network(text);
}

void HostNames::add(std::string_view name, const IpAddress& address) {
  auto found = by_name_.find(name);
  if (found == by_name_.end()) found = by_name_.emplace(name, std::vector<IpAddress>()).first;
  std::vector<IpAddress>& addresses = found->second;
  if (addresses.size() == k_most_host_addresses ||
      std::ranges::find(addresses, address) != addresses.end())
    return;
  addresses.push_back(address);
  by_address_.try_emplace(address, name);
}

std::span<const IpAddress> HostNames::addresses_of(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::span<const IpAddress>() : found->second;
}

std::string_view HostNames::name_of(const IpAddress& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? std::string_view() : found->second;
}

void HostNames::for_each(
    const std::function<void(std::string_view, const IpAddress&)>& visit) const {
  for (const auto& [name, addresses] : by_name_)
    for (const IpAddress& address : addresses) visit(name, address);
}

std::vector<std::string> asked_host_names(const RuleSet& set) {
  std::vector<std::string> names;
  std::set<std::string_view> known;
  for (const Rule& rule : set.rules) {
    if (!rule.runs()) continue;
    for (const Comparison& comparison : rule.condition.comparisons) {
      if (!asks_host_name(rule.condition, comparison.left)) continue;
      for (const Value& value : rule.condition.values_of(comparison)) {
        if (is_host_name(value.text) && known.insert(value.text).second)
          names.push_back(value.text);
      }
    }
  }
  return names;
}

bool takes_host_names(const Comparison& comparison) {
  const bool by_name = comparison.op == Operator::equal || comparison.op == Operator::not_equal ||
                       comparison.op == Operator::in;
  return by_name && comparison.modifier == Modifier::none && comparison.right == k_none;
}

bool asks_host_name(const Condition& condition, Index operand) {
  const Operand* found = &condition.operands[operand];
  while (found->kind == OperandKind::transformer && found->transformer == Transformer::val)
    found = &condition.operands[condition.arguments_of(*found)[0]];
  return found->kind == OperandKind::field && is_host_name_field(found->name);
}

}  // namespace gancho::rules
